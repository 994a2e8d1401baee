"""The pages of somebody who is signed in, but those of a video."""

from __future__ import annotations

import uuid
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import DataExport
from apps.billing import ledger
from tests.browser import people
from tests.browser.state import Arrival, State, sent
from tests.browser.visit import Visit

_OWN = {
    "settings": "/app/settings/",
    "welcome": "/app/welcome",
    "profile": "/app/settings/profile",
    "e-mail": "/accounts/email/",
    "password": "/accounts/password/set/",
    "second-factor": "/accounts/2fa/",
    "authenticator-app": "/accounts/2fa/totp/activate/",
    "passkeys-empty": "/accounts/2fa/webauthn/",
    "passkey-new": "/accounts/2fa/webauthn/add/",
    "sessions": "/accounts/sessions/",
    "log-out": "/accounts/logout/",
    "notifications": "/app/settings/notifications",
    "exports-empty": "/app/settings/exports",
    "keys-empty": "/app/settings/keys",
    "developers": "/app/developers",
    "confirm": "/app/settings/confirm",
    "credits-empty": "/app/credits",
    "videos-empty": "/app",
    "own-404": "/nothing/here",
}
_FRESH = {
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


STATES = (
    *(State(name, own(path), 404 if name == "own-404" else 200) for name, path in _OWN.items()),
    *(State(name, fresh(path)) for name, path in _FRESH.items()),
    State("notifications-saved", notifications_saved),
    State("key-made", key_made),
    State("keys-full", keys),
    State("exports-full", exports),
    State("confirm-code", code_is_asked),
    State("passkeys-full", passkeys),
    State("recovery-codes", recovery_codes),
    State("credits-full", credits_full),
)
