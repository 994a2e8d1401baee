"""What a login brings with it: the profile, the waiting draft, the welcome credits.

And what goes with an address that was replaced. The one receiver of allauth's signals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, user_logged_in
from django.contrib import messages
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.accounts.landing import remember_draft
from apps.accounts.models import Profile, User
from apps.accounts.queries import mailbox_of
from apps.billing.ledger import grant_trial
from apps.billing.trials import why_none
from apps.drafts.actions import claim_draft
from apps.drafts.cookies import drop_token, token_in
from apps.notifications.actions import record
from apps.notifications.mail_log import forget_mailboxes
from apps.notifications.models import Event
from canvascast.funnel import actions as funnel
from canvascast.funnel.models import FactKind


@dataclass(frozen=True)
class Arrival:
    """The draft that a login claimed; and for a newcomer who got no welcome credits the sentence that says why."""

    draft_id: UUID | None
    why_no_credits: str


@receiver(user_logged_in, dispatch_uid="accounts.onboarding")
def on_login(*, request: HttpRequest, response: HttpResponse, user: User, **_: Any) -> None:  # Any: the signal's rest
    """Take over what the browser brought, and remember the draft for the page that the login leads to."""
    arrival = come_in(user=user, draft_token=token_in(request), way=_way_in(request, user), at=timezone.now())
    if arrival.draft_id:
        remember_draft(request.session, arrival.draft_id)
    if token_in(request):
        drop_token(response)
        _say_if_gone(request, arrival.draft_id)
    if arrival.why_no_credits:
        messages.info(request, arrival.why_no_credits)


@receiver(email_changed, dispatch_uid="accounts.replaced_address")
def on_new_address(*, from_email_address: EmailAddress | None, **_: Any) -> None:  # Any: the signal's rest
    """Forget what is kept about mail to the address that another one took the place of."""
    if from_email_address:
        forget_mailboxes([from_email_address.email])


def _way_in(request: HttpRequest, user: User) -> str:
    """Return google, passkey, password or code; a new account that noted nothing proved its address by a code."""
    records = get_authentication_records(request, user)
    first_factors = [record for record in records if record["method"] != "mfa" or record.get("passwordless")]
    newest = first_factors[-1] if first_factors else {"method": "code"}
    if newest["method"] == "socialaccount":
        return str(newest["provider"])
    return {"mfa": "passkey", "password": "password"}.get(newest["method"], "code")  # pragma: allowlist secret


def _say_if_gone(request: HttpRequest, draft_id: UUID | None) -> None:
    if draft_id is None:
        messages.info(
            request, "Texts are kept for 7 days; the one that was typed here before is gone. Nothing was charged."
        )


@transaction.atomic
def come_in(*, user: User, draft_token: str, at: datetime, way: str = "code") -> Arrival:
    """Do, all or nothing, what is due at a login with a verified address; return what came of it.

    Every part is idempotent: the next login does again only what is missing. `way` is how they proved who they are.
    """
    _, is_new = Profile.objects.get_or_create(user=user, defaults={"created_at": at})
    if is_new:
        funnel.record(FactKind.SIGNED_UP, about=user.pk, at=at, user_id=user.pk, detail=way)
    draft_id = claim_draft(token=draft_token, user=user, at=at)
    # Late, because from here to the commit no other trial is granted.
    mailbox = mailbox_of(user)
    granted = grant_trial(user_id=user.pk, mailbox=mailbox, at=at) if mailbox else None
    facts = {"credits": granted.d_available if granted else 0}
    record(user_id=user.pk, event=Event.WELCOME, key="welcome", facts=facts, at=at)
    why_no_credits = why_none(mailbox) if is_new and mailbox and granted is None else ""
    return Arrival(draft_id, why_no_credits)
