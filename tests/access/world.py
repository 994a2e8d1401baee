"""One owner with one thing of each kind, a stranger, a member of staff, a program, and the addresses to ask."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import DataExport, User
from apps.billing import ledger
from apps.billing.models import Checkout, Source
from apps.notifications.models import DeliveryState, WebhookDelivery
from apps.notifications.unsubscribing import switch_token
from apps.notifications.webhooks.endpoints import create_endpoint
from apps.pipeline.caption_previews import frame_tokens
from apps.pipeline.codec import to_json
from apps.pipeline.downloads import signed_download
from apps.pipeline.models import Asset, Job, Project, VoiceProfile
from apps.pipeline.sharing import share_video
from apps.pipeline.states import JobState
from tests.engine.conftest import brief
from tests.pages.rows import drawn_picture

ACTORS = ("anonymous", "stranger", "owner", "staff", "api_key")
# What is sent where an empty object would be refused for its content.
BODIES = {
    "api/draft": {"promptText": "Why do cats purr at night?"},
    "api/v1/webhooks": {"url": "https://example.com/hook"},
    "api/v1/jobs/<job_id>/remake": {"scenes": [{"scene": 1, "newPicture": True}]},
    "api/v1/jobs/<job_id>/remake/price": {"scenes": [{"scene": 1, "newPicture": True}]},
    "api/v1/projects": {"promptText": "Why do cats purr at night?", "nichePreset": "facts", "targetMinutes": 1},
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class World:
    """`clients` by actor; `values` has what belongs into an address, by the name of its parameter."""

    clients: dict[str, Client]
    values: dict[str, str]

    def address(self, pattern: str) -> str:
        """Return `pattern` with the owner's things in it. Raises KeyError for a parameter that nobody taught it."""
        if pattern in _WRITTEN_OUT:
            return _WRITTEN_OUT[pattern]
        parts = [self._filled(part) for part in pattern.split("/")]
        return "/" + "/".join(parts)

    def _filled(self, part: str) -> str:
        if not part.startswith("<"):
            return part
        return self.values[part.strip("<>").split(":")[-1]]


# Patterns that are regular expressions.
_WRITTEN_OUT = {
    "admin/(?P<url>.*)$": "/admin/nothing",
    "accounts/oidc/^(?P<provider_id>[^/]+)/login/": "/accounts/oidc/google/login/",
    "accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/": "/accounts/oidc/google/login/callback/",
}


def build_world() -> World:
    """Store everybody and everything."""
    people = {name: User.objects.create_user(f"{name}@example.com") for name in ("stranger", "owner")}
    people["staff"] = User.objects.create_superuser("staff@example.com")
    Authenticator.objects.create(user=people["staff"], type=Authenticator.Type.TOTP, data={"secret": "x"})
    clients = {"anonymous": Client(), **{name: Client() for name in people}}
    for name, user in people.items():
        clients[name].force_login(user)
    for name, user in people.items():
        ledger.grant(user_id=user.pk, credits=10, source=Source.GIFT, reason="", key=name, at=timezone.now())
    key, secret = create_key(user=people["owner"], name="program", at=timezone.now())
    clients["api_key"] = Client(headers={"Authorization": f"Bearer {secret}"})
    return World(clients, _values(people["owner"]) | {"key_id": str(key.pk)})


def patterns() -> Iterator[str]:
    """Yield every address pattern of the site as its resolvers spell it, each once."""
    yield from dict.fromkeys(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            # The list of models in this one grows with every app.
            yield "admin/<str:app_label>/" if "?P<app_label>" in path else path
        else:
            yield from _walk(entry, path)


def _values(owner: User) -> dict[str, str]:
    at = timezone.now()
    project = Project.objects.create(user=owner, title="A lighthouse")
    job = Job.objects.create(project=project, user=owner, brief=to_json(brief("A lighthouse on a cliff")))
    Job.objects.filter(pk=job.pk).update(state=JobState.READY, progress=100, finished_at=at)
    exported = storages["default"].save(f"access/{project.pk}.zip", ContentFile(b"zip"))
    stored = storages["generated-assets"].save(f"access/{project.pk}.txt", ContentFile(b"words"))
    asset = Asset.objects.create(
        job=job, kind="script", filename="script.txt", storage_name=stored, sha256="0" * 64, size_bytes=5
    )
    Asset.objects.create(
        job=job, kind="video", filename="video.mp4", storage_name=stored, sha256="0" * 64, size_bytes=5
    )
    export = DataExport.objects.create(
        user=owner, state=DataExport.State.READY, storage_name=exported, expires_at=at + timedelta(days=1)
    )
    endpoint = create_endpoint(user=owner, url="https://example.com/hook", events=["job.ready"], at=at).endpoint
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint, message_id="msg_1", event="job.ready", subject="1", payload={}, state=DeliveryState.DROPPED
    )
    checkout = Checkout.objects.create(user=owner, livemode=False, item="pack_pro", credits=150, cents=9_900)
    voice = VoiceProfile.objects.create(user=owner, name="Mine", consented_at=at)
    return {
        "profile_id": str(voice.pk),
        "checkout_id": str(checkout.pk),
        "provider_id": "google",
        "webhook_id": str(endpoint.pk),
        "delivery_id": str(delivery.pk),
        "switch_token": switch_token(owner.pk, "video_ready"),
        "export_id": str(export.pk),
        "project_id": str(project.pk),
        "video_id": str(project.pk),
        "job_id": str(job.pk),
        "asset_id": str(asset.pk),
        "sample_name": _voice_sample(owner),
        "frame_token": frame_tokens(owner.pk, "Why do cats purr?", "en", {})["boxed"],
        "token": signed_download(asset=asset, at=at).url.rsplit("/", 1)[-1],
        "object_id": str(uuid.uuid4()),
        "content_type_id": "1",
        "session_id": str(_session_of(owner).pk),
        "mail_key": "0" * 16,
        "pk": "1",
        "app_label": "pipeline",
        "sha256": drawn_picture(job),
        "share_token": share_video(project=project, by=owner, at=at).token,
        "share_file": "film.mp4",
        "slug": "history",
        "width": "320",
        "action_name": "nothing",
        "model_name": "account",
    }


def _session_of(user: User) -> UserSession:
    return UserSession.objects.create(user=user, ip="192.0.2.1", user_agent="Firefox", session_key=str(user.pk))


def _voice_sample(owner: User) -> str:
    storages["temp-processing"].save(f"voice-previews/{owner.pk}/0a1b.mp3", ContentFile(b"ID3"))
    return "0a1b"
