"""Keeping a visitor's text until an account claims it. Nothing is spent on an anonymous draft."""

from __future__ import annotations

import ipaddress
import math
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from apps.accounts.models import User
from apps.drafts import limits
from apps.drafts.models import DraftPrompt
from apps.drafts.options import DraftOptions, options_as_json
from apps.drafts.tokens import token_hash
from canvascast.advisory_locks import until_commit
from canvascast.errors import NotFound, RateLimited
from canvascast.funnel import actions as funnel
from canvascast.funnel.models import FactKind

_NO_OPTIONS = DraftOptions()
# 256 bits; the cookie holds them as 43 characters.
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class DraftText:
    """What the visitor typed and chose, unchecked. A transcript is narrated word for word."""

    prompt: str = ""
    transcript: str = ""
    options: DraftOptions = _NO_OPTIONS


@dataclass(frozen=True)
class SavedDraft:
    """`token` belongs into the visitor's cookie; it is empty when the draft is a signed-in user's own."""

    draft_id: UUID
    token: str


def save_draft(*, token: str, client_address: str, order: DraftText, user: User | None, at: datetime) -> SavedDraft:
    """Keep the text: for `user` as their own, else under `token`, replacing what that token had.

    A token that has no open draft is not taken over: a new one is made. A visitor's are counted by their address, a
    user's by the user, whatever others do at that address. Raises Invalid and RateLimited.
    """
    prompt, transcript = limits.checked_texts(order.prompt, order.transcript)
    address = "" if user else _address_hmac(client_address)
    with transaction.atomic():
        _lock(f"user:{user.pk}" if user else address)
        _require_room(user, address, at)
        token = "" if user else _retire_drafts_of(token, at) or secrets.token_urlsafe(_TOKEN_BYTES)
        draft = DraftPrompt.objects.create(
            user=user,
            token_hash=token_hash(token) if token else "",
            ip_hash=address,
            prompt=prompt,
            transcript=transcript,
            options=options_as_json(order.options),
            created_at=at,
            expires_at=at + (limits.KEPT_CLAIMED if user else limits.KEPT_UNCLAIMED),
            claimed_at=at if user else None,
        )
        user_id = user.pk if user else None
        funnel.record(FactKind.DRAFT_CREATED, about=draft.pk, at=at, user_id=user_id, token_hash=draft.token_hash)
    return SavedDraft(draft.pk, token)


@transaction.atomic
def claim_draft(*, token: str, user: User, at: datetime) -> UUID | None:
    """Give the token's draft to `user` and return its id.

    None for everything that cannot be claimed: no token, an unknown, expired or already claimed one.
    """
    if not token:
        return None
    open_drafts = DraftPrompt.objects.filter(token_hash=token_hash(token), user__isnull=True, expires_at__gt=at)
    for draft_id in open_drafts.values_list("pk", flat=True):
        claimed = open_drafts.filter(pk=draft_id).update(
            user=user, claimed_at=at, token_hash="", expires_at=at + limits.KEPT_CLAIMED
        )
        if claimed:
            funnel.record(FactKind.DRAFT_CLAIMED, about=draft_id, at=at, user_id=user.pk, token_hash=token_hash(token))
            return draft_id
    return None


def rewrite_draft(*, draft_id: UUID, user: User, order: DraftText, at: datetime) -> None:
    """Let one of the user's waiting drafts have this text instead of its own. Raises Invalid, and NotFound for none."""
    prompt, transcript = limits.checked_texts(order.prompt, order.transcript)
    waiting = DraftPrompt.objects.filter(pk=draft_id, user=user, ordered_at__isnull=True, expires_at__gt=at)
    rewritten = waiting.update(
        prompt=prompt,
        transcript=transcript,
        options=options_as_json(order.options),
        expires_at=at + limits.KEPT_CLAIMED,
    )
    if not rewritten:
        raise NotFound


def note_ordered(*, user: User, draft_id: UUID | None, prompt: str, transcript: str, at: datetime) -> None:
    """Let the draft that a video was ordered with wait no longer, nor any other of the user's with just that text."""
    same_text = Q(prompt=prompt, transcript=transcript)
    ordered = same_text if draft_id is None else same_text | Q(pk=draft_id)
    DraftPrompt.objects.filter(ordered, user=user, ordered_at__isnull=True).update(ordered_at=at)


def forget_draft(*, token: str) -> int:
    """Delete the token's text that nobody claimed; return how many there were. Its address has room for one more."""
    if not token:
        return 0
    deleted, _ = DraftPrompt.objects.filter(token_hash=token_hash(token), user__isnull=True).delete()
    return deleted


def delete_expired(*, at: datetime, limit: int = 500) -> int:
    """Delete at most `limit` drafts whose time is over, oldest first; return how many."""
    over = DraftPrompt.objects.filter(expires_at__lte=at).order_by("expires_at")
    deleted, _ = DraftPrompt.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:limit])).delete()
    return deleted


def _address_hmac(client_address: str) -> str:
    return salted_hmac("apps.drafts.address", _network_of(client_address), algorithm="sha256").hexdigest()


def _network_of(client_address: str) -> str:
    """One customer commonly has a whole IPv6 /64, so that is what counts as an address."""
    try:
        address = ipaddress.ip_address(client_address)
    except ValueError:
        return client_address
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def _lock(name: str) -> None:
    """Hold `name` until the transaction ends. The address is taken before the token everywhere, so no deadlock."""
    until_commit(f"drafts:{name}")


def _require_room(user: User | None, address: str, at: datetime) -> None:
    of_one = DraftPrompt.objects.filter(user=user) if user else DraftPrompt.objects.filter(ip_hash=address)
    recent = of_one.filter(created_at__gt=at - limits.COUNTED_FOR)
    moments = list(recent.order_by("-created_at").values_list("created_at", flat=True)[: limits.DRAFTS_AN_HOUR])
    if len(moments) < limits.DRAFTS_AN_HOUR:
        return
    seconds = max(1, math.ceil((moments[-1] + limits.COUNTED_FOR - at).total_seconds()))
    minutes = math.ceil(seconds / 60)
    drafts = f"{limits.DRAFTS_AN_HOUR} drafts an hour"
    raise RateLimited(
        (f"You can keep {drafts}, and have. " if user else f"One address can keep {drafts}, and this one has. ")
        + f"Please try again in {minutes} {'minute' if minutes == 1 else 'minutes'}.",
        {"retryAfterSeconds": seconds},
    )


def _retire_drafts_of(token: str, at: datetime) -> str:
    """Take the token from the draft that it had and return it, or "" when it had none.

    The old row stays for as long as it counts against its address.
    """
    if not token:
        return ""
    _lock(token_hash(token))
    had = DraftPrompt.objects.filter(token_hash=token_hash(token), user__isnull=True, expires_at__gt=at)
    return token if had.update(token_hash="", expires_at=F("created_at") + limits.COUNTED_FOR) else ""
