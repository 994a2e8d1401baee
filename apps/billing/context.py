"""What every page of a signed-in user shows of their credits."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.accounts.models import User
from apps.billing.queries import balance


def purse(request: HttpRequest) -> dict[str, object]:
    """For every template: `purse` is the signed-in user's Balance, asked for when it is first looked at."""
    user = getattr(request, "user", None)
    return {"purse": SimpleLazyObject(lambda: balance(user.pk))} if isinstance(user, User) else {}
