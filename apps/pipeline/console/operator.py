"""The account that owns what is made from the command line. Its credits come from whoever runs the machine."""

from __future__ import annotations

import uuid

from django.utils import timezone

from apps.accounts.actions import operator_account
from apps.accounts.models import User
from apps.billing import ledger, queries
from apps.billing.models import Source

_TOP_UP_CREDITS = 10_000
# More than the open videos of one user can cost together.
_ENOUGH_CREDITS = 1_000


def operator_with_credits() -> User:
    """Return the operator's account, with enough credits for whatever it may start."""
    user = operator_account()
    if queries.balance(user.pk).available < _ENOUGH_CREDITS:
        ledger.grant(
            user_id=user.pk,
            credits=_TOP_UP_CREDITS,
            source=Source.GIFT,
            reason="Made on this machine",
            key=f"operator:{uuid.uuid4()}",
            at=timezone.now(),
        )
    return user
