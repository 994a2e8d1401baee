"""What other parts ask about users; imports no other app."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.db.models.functions import Lower

from apps.accounts.mailboxes import normalise
from apps.accounts.models import ApiKey, DataExport, Profile, User


def mailbox_of(user: User) -> str | None:
    """Return the user's verified primary address in its normalised form, None while none is verified."""
    address = EmailAddress.objects.filter(user_id=user.pk, verified=True).order_by("-primary", "pk").first()
    return normalise(address.email) if address else None


def is_closed(address: str) -> bool:
    """Return whether accounts have the address and all of them are closed. Two queries."""
    known = EmailAddress.objects.filter(email__iexact=address).values_list("user__is_active", flat=True)
    named = User.objects.filter(email__iexact=address).values_list("is_active", flat=True)
    return {*known, *named} == {False}


def confirmed_addresses_of(user: User) -> list[str]:
    """Return every address that the user has shown to be theirs, in small letters."""
    confirmed = EmailAddress.objects.filter(user_id=user.pk, verified=True)
    return [email.lower() for email in confirmed.values_list("email", flat=True)]


def addresses_of_nobody(addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses, in small letters, that no account has, confirmed or not."""
    small = {address.lower() for address in addresses}
    known = EmailAddress.objects.annotate(small=Lower("email")).filter(small__in=small)
    return small - set(known.values_list("small", flat=True))


def profile_of(user: User) -> Profile:
    """Return the user's profile; one with the defaults, not stored, before the first login."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


def address_of(user_id: uuid.UUID) -> str | None:
    """Return where mail for the user goes: the verified primary address as written, None when there is none."""
    found = EmailAddress.objects.filter(user_id=user_id, verified=True, user__is_active=True)
    address: str | None = found.order_by("-primary", "pk").values_list("email", flat=True).first()
    return address


def live_keys(user: User) -> QuerySet[ApiKey]:
    """Return the user's API keys that are not revoked, newest first."""
    return ApiKey.objects.filter(user=user, revoked_at__isnull=True).order_by("-created_at")


def has_second_factor(user: User) -> bool:
    """Return whether an authenticator app or a security key is set up."""
    types = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=types).exists())


def exports_of(user: User, at: datetime) -> QuerySet[DataExport]:
    """Return the user's exports that can still be had or are being made, newest first."""
    return DataExport.objects.filter(user=user, expires_at__gt=at).order_by("-created_at")


def export_to_download(user: User, export_id: uuid.UUID, at: datetime) -> DataExport | None:
    """Return the user's finished export, None when it is not theirs, not ready or gone."""
    return exports_of(user, at).filter(pk=export_id, state=DataExport.State.READY).first()
