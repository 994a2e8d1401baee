"""Everybody who can send a form, on a site on which everything can be sent: what the walk over the forms stands on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core import mail
from django.test import Client, RequestFactory
from django.utils import timezone

from apps.accounts import fresh_codes
from apps.accounts.models import User
from apps.pipeline.models import Job
from tests.access.world import World, build_world, patterns
from tests.accounts.soft_key import SoftKey
from tests.pages.conftest import file_of, video
from tests.pages.made import lay_down_script
from tests.pipeline.small_video import SENTENCES

_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret
_PASSWORD = "a long enough secret"  # pragma: allowlist secret
_OF_ADMIN = re.compile(r"admin/(?P<app>[a-z_0-9]+)/(?P<model>[a-z_0-9]+)/<path:object_id>/")


@dataclass(frozen=True)
class Ground:
    """`clients` by who they are; `besides` has addresses of their own that no pattern leads to."""

    world: World
    clients: dict[str, Client]
    besides: dict[str, tuple[str, ...]]

    def addresses(self, who: str, *, is_staff_too: bool) -> Iterator[str]:
        """Yield an address of every page with things that exist, staff's own for staff alone."""
        is_staff = who == "staff"
        for pattern in patterns():
            is_for_programs = pattern.startswith("api/")
            if pattern.startswith("admin/") == is_staff and (is_staff_too or not is_staff) and not is_for_programs:
                yield self.address(pattern)
        yield from self.besides.get(who, ())

    def address(self, pattern: str) -> str:
        """Return the pattern with what exists in it; on staff's pages the first row of the page's model."""
        if found := _OF_ADMIN.match(pattern):
            row = apps.get_model(found["app"], found["model"])._default_manager.order_by("pk").first()
            if row is not None:
                return "/" + pattern.replace("<path:object_id>", str(row.pk))
        return self.world.address(pattern)


def build_ground(*, is_whole: bool) -> Ground:
    """Store everybody and everything; less than whole without who is half-way through a door or has all safeguards."""
    world = build_world()
    owner = User.objects.get(email="owner@example.com")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    failed = video(owner, state="FAILED", error_code="worker_lost", price=2, reserved=0)
    stopped = video(owner, state="CANCELED")
    lay_down_script(stopped, SENTENCES)
    running = video(owner, state="RUNNING")
    Job.objects.filter(pk=running.pk).update(step="SCRIPTING")
    clients = {name: world.clients[name] for name in ("anonymous", "owner", "staff")}
    _type_fresh_code(clients["owner"], owner)
    unshared = video(owner)
    file_of(unshared, "video.mp4")
    besides = {"owner": tuple(f"/app/videos/{job.project_id}" for job in (failed, running, unshared))}
    besides["owner"] += (f"/app/videos/{stopped.project_id}/scenes",)
    _open_another_browser(clients["owner"], owner)
    if is_whole:
        clients["secured"], besides["secured"] = _secured()
        clients |= {"moving": _moving(), **_entrants()}
    for name in clients.keys() & {"secured", "moving"}:
        _type_fresh_code(clients[name], User.objects.get(email=f"{name}@example.com"))
    for name in clients.keys() & {"owner", "staff", "secured"}:
        _prove_anew(clients[name], User.objects.get(email=f"{name}@example.com"))
    return Ground(world, clients, besides)


def _secured() -> tuple[Client, tuple[str, ...]]:
    """Return somebody with everything that can protect an account, and the pages of their key."""
    user = User.objects.create_user("secured@example.com", password=_PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    TOTP.activate(user, _SECRET)
    RecoveryCodes.activate(user)
    asked = {"user": {"id": "MQ"}, "rp": {"id": "testserver"}, "challenge": "MDAwMDAwMDAwMDAwMDAwMA"}
    kept = {"name": "Laptop", "credential": json.loads(SoftKey("https://testserver").create({"publicKey": asked}))}
    key = Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=kept)
    client = Client()
    client.force_login(user)
    return client, tuple(f"/accounts/2fa/webauthn/keys/{key.pk}/{what}/" for what in ("edit", "remove"))


def _moving() -> Client:
    """Return somebody whose next address waits to be verified."""
    user = User.objects.create_user("moving@example.com")
    for email, is_verified in ((user.email, True), ("moved@example.com", False)):
        EmailAddress.objects.create(user=user, email=email, verified=is_verified, primary=is_verified)
    client = Client()
    client.force_login(user)
    return client


def _type_fresh_code(client: Client, user: User) -> None:
    session, now = client.session, timezone.now()
    fresh_codes.redeem(session, user=user, code=fresh_codes.issue(session, user=user, at=now), at=now)
    session.save()


def _prove_anew(client: Client, user: User) -> None:
    """Let it be as if they had just shown once more who they are."""
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, user, method="mfa", reauthenticated=True)
    request.session.save()


def _open_another_browser(client: Client, user: User) -> None:
    other = Client()
    other.force_login(user)
    for browser in (client, other):
        key = browser.session.session_key
        UserSession.objects.create(user=user, ip="192.0.2.1", user_agent="Firefox", session_key=key)


def _entrants() -> dict[str, Client]:
    """Return browsers that were asked for a code: to log in, to sign up, for a lost password, or for the app's."""
    doors = {name: Client() for name in ("with_code", "signing_up", "lost", "choosing", "second_factor")}
    doors["with_code"].post("/accounts/login/", {"login": "owner@example.com", "password": ""})
    doors["signing_up"].post("/accounts/signup/", {"email": "somebody@example.com"})
    for name in ("lost", "choosing"):
        doors[name].post("/accounts/password/reset/", {"email": "secured@example.com"})
    doors["choosing"].post("/accounts/password/reset/confirm/", {"code": _mailed_code()})
    doors["second_factor"].post("/accounts/login/", {"login": "secured@example.com", "password": _PASSWORD})
    return doors | {"without_token": Client(enforce_csrf_checks=True)}


def _mailed_code() -> str:
    return re.findall(r"^([0-9A-Z]{3,8}(?:-[0-9A-Z]{3,8})?)$", mail.outbox[-1].body, re.MULTILINE)[0]
