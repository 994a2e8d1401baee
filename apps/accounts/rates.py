"""How often a user may do what costs a vendor, a processor or the disk something: the pages and the API together."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.waiting import seconds_left
from canvascast.errors import RateLimited


def require_few(request: HttpRequest, action: str, sentence: str, *, user: User) -> None:
    """Count one more `action` of ACCOUNT_RATE_LIMITS. Raises RateLimited, with when to come back, for one too many."""
    if not ratelimit.consume(request, action=action, user=user):
        raise RateLimited(sentence, {"retryAfterSeconds": seconds_left(request, action, user=user)})
