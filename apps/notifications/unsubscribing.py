"""Links that turn one switch of one user off without a login: signed, bound to both, good as long as the key."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.signing import BadSignature, Signer

from apps.accounts.models import User
from apps.notifications.switches import SWITCHES

_SALT = "notifications.unsubscribing"


class NoSuchLink(Exception):
    """The link was not made here, or whom it was for is gone."""


@dataclass(frozen=True)
class Subscription:
    """One kind of mail to one user; `switch` is a key of SWITCHES."""

    user: User
    switch: str

    @property
    def label(self) -> str:
        """Return what the switch is called."""
        return SWITCHES[self.switch].label


def switch_token(user_id: UUID, switch: str) -> str:
    """Return what stands in a mail's link. It has no end: a mail may be read years later."""
    return Signer(salt=_SALT).sign_object([user_id.hex, switch])


def subscription_of(token: str) -> Subscription:
    """Return what the token is about. Raises NoSuchLink."""
    try:
        user_id, switch = Signer(salt=_SALT).unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise NoSuchLink from error
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or switch not in SWITCHES:
        raise NoSuchLink
    return Subscription(user, switch)
