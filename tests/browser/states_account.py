"""The pages of somebody who is signed in, but those of a video."""

from __future__ import annotations

import uuid
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import override_settings
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import DataExport
from apps.billing import ledger
from apps.notifications.models import SuppressedMailbox, WebhookDelivery, WebhookEndpoint
from apps.notifications.unsubscribing import switch_token
from apps.notifications.webhooks.endpoints import create_endpoint
from tests.browser import people
from tests.browser.state import Arrival, State, at, sent
from tests.browser.visit import Visit

_OWN = {
    "settings": "/app/settings/",
    "welcome": "/app/welcome",
    "profile": "/app/settings/profile",
    "e-mail": "/accounts/email/",
    "second-factor": "/accounts/2fa/",
    "passkeys-empty": "/accounts/2fa/webauthn/",
    "sessions": "/accounts/sessions/",
    "log-out": "/accounts/logout/",
    "notifications": "/app/settings/notifications",
    "exports-empty": "/app/settings/exports",
    "keys-empty": "/app/settings/keys",
    "developers": "/app/developers",
    "webhooks-empty": "/app/developers/webhooks",
    "webhook-new": "/app/developers/webhooks/new",
    "confirm": "/app/settings/confirm",
    "credits-empty": "/app/credits",
    "videos-empty": "/app",
    "own-404": "/nothing/here",
}
_FRESH = {
    "e-mail-new": "/accounts/email/",
    "password": "/accounts/password/set/",
    "authenticator-app": "/accounts/2fa/totp/activate/",
    "passkey-new": "/accounts/2fa/webauthn/add/",
    "key-new": "/app/settings/keys/new",
    "export-new": "/app/settings/exports/new",
    "delete": "/app/settings/delete",
}


def own(path: str) -> Arrival:
    def arrive(visit: Visit) -> int:
        people.member(visit)
        return visit.go(path)

    return arrive


def fresh(path: str) -> Arrival:
    def arrive(visit: Visit) -> int:
        people.type_fresh_code(visit, people.member(visit))
        return visit.go(path)

    return arrive


def key_made(visit: Visit) -> int:
    fresh("/app/settings/keys/new")(visit)
    visit.page.locator("[name=name]").fill("The robot that makes the news every morning")
    return sent(visit, "Make the key")


def keys(visit: Visit) -> int:
    user = people.member(visit)
    create_key(user=user, name="The robot that makes the news every morning", at=timezone.now())
    return visit.go("/app/settings/keys")


def exports(visit: Visit) -> int:
    user, until = people.member(visit), timezone.now() + timedelta(days=7)
    for state, name in (("ready", "exports/a.zip"), ("pending", ""), ("failed", "")):
        DataExport.objects.create(user=user, state=state, storage_name=name, expires_at=until)
    return visit.go("/app/settings/exports")


def code_is_asked(visit: Visit) -> int:
    own("/app/settings/confirm")(visit)
    return sent(visit, "Mail me a code")


def passkeys(visit: Visit) -> int:
    user = people.member(visit)
    kept = {"name": "Laptop", "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=kept)
    RecoveryCodes.activate(user)
    return visit.go("/accounts/2fa/webauthn/")


def recovery_codes(visit: Visit) -> int:
    RecoveryCodes.activate(people.member(visit))
    return visit.go("/accounts/2fa/recovery-codes/")


def credits_full(visit: Visit) -> int:
    user, now = people.member(visit, credits=40), timezone.now()
    for number, title in enumerate(("Why cats purr", "A much longer title about how lighthouses were built", "Tax"), 1):
        job_id = uuid.uuid4()
        ledger.reserve(user_id=user.pk, job_id=job_id, project_id=uuid.uuid4(), title=title, credits=number, at=now)
        if number == 1:
            ledger.release(job_id=job_id, at=now)
        if number == 2:
            ledger.finalize(job_id=job_id, credits=1, title=title, at=now)
    return visit.go("/app/credits")


def notifications_saved(visit: Visit) -> int:
    own("/app/settings/notifications")(visit)
    return sent(visit, "Save")


def notifications_stopped(visit: Visit) -> int:
    user = people.member(visit)
    SuppressedMailbox.objects.create(address=user.email, reason="bounced", since=timezone.now())
    return visit.go("/app/settings/notifications")


def turned_off(visit: Visit) -> int:
    visit.go(f"/mail/off/{switch_token(people.member(visit).pk, 'video_ready')}")
    return sent(visit, "Turn these mails off")


def turning_off(visit: Visit) -> int:
    return visit.go(f"/mail/off/{switch_token(people.member(visit).pk, 'video_ready')}")


def webhook_full(visit: Visit) -> int:
    """One address with each thing that can become of a delivery."""
    user, now = people.member(visit), timezone.now()
    events = ["job.ready", "job.failed"]
    with override_settings(WEBHOOKS_MAY_BE_LOCAL=False):
        url = "https://hooks.example.com/a/rather/long/path/to/the/program/that/listens"
        endpoint = create_endpoint(user=user, url=url, events=events, at=now).endpoint
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=now)
    for number, (state, reason, status) in enumerate(
        (("QUEUED", "refused", 503), ("DELIVERED", "", 204), ("GIVEN_UP", "unreachable", None))
    ):
        WebhookDelivery.objects.create(
            endpoint=endpoint,
            message_id=f"msg_{number}",
            event=("job.ready", "job.failed", "webhook.test")[number],
            subject=str(number),
            payload={},
            state=state,
            reason=reason,
            tries=number + 1,
            answer_status=status,
            answer_ms=231 if status else None,
            tried_at=now,
            delivered_at=now if state == "DELIVERED" else None,
        )
    return visit.go(f"/app/developers/webhooks/{endpoint.pk}")


def webhook_made(visit: Visit) -> int:
    people.member(visit)
    visit.go("/app/developers/webhooks/new")
    visit.page.locator("[name=url]").fill("https://hooks.example.com/canvascast")
    return sent(visit, "Add it")


STATES = (
    *(State(name, own(path), 404 if name == "own-404" else 200) for name, path in _OWN.items()),
    *(State(name, fresh(path)) for name, path in _FRESH.items()),
    State("notifications-saved", notifications_saved),
    State("notifications-stopped", notifications_stopped),
    State("turning-off", turning_off),
    State("turned-off", turned_off),
    State("turned-off-unknown", at("/mail/off/nothing"), 404),
    State("webhook-full", webhook_full),
    State("webhook-made", webhook_made),
    State("key-made", key_made),
    State("keys-full", keys),
    State("exports-full", exports),
    State("confirm-code", code_is_asked),
    State("passkeys-full", passkeys),
    State("recovery-codes", recovery_codes),
    State("credits-full", credits_full),
)
