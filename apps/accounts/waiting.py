"""When somebody who asked too often may ask again, read from the counts that allauth keeps in the shared cache."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from allauth.account import app_settings
from allauth.core.internal.ratelimit import Rate, get_cache_key, get_ip, parse_rates
from django.core.cache import cache
from django.http import HttpRequest

from apps.accounts.mailboxes import normalise
from apps.accounts.models import User

_APP = "allauth.account"
# A mail with a code counts once for its mailbox and who asks, and once for the mailbox, whoever asks.
CODE_MAIL = ("code_mail", "code_mail_box")
# The limits that each page may run into; for a page that is not here, all of allauth's.
_LIMITS = {
    "account_login": ("login", "login_failed", *CODE_MAIL),
    "account_signup": ("signup", "confirm_email", *CODE_MAIL),
    "account_request_login_code": ("request_login_code", *CODE_MAIL),
    "account_email": ("manage_email", "confirm_email", *CODE_MAIL),
    "account_change_password": ("change_password",),
    "account_set_password": ("change_password",),
    "account_reset_password": ("reset_password", *CODE_MAIL),
    "account_confirm_password_reset_code": ("reset_password_from_key",),
    "account_reauthenticate": ("reauthenticate",),
    "mfa_reauthenticate": ("reauthenticate",),
    "confirm": ("fresh_code", "fresh_code_try"),
}
# Whoever runs into these is told so on the page or by the answer itself (`rates.require_few`).
_TOLD_ELSEWHERE = {"voice_sample", "paid_voice_sample", "voice_upload", "recording_upload", "changed_scenes"}


@dataclass(frozen=True)
class Wait:
    """How long to wait; not `is_exact` when all that is known is that it is over by then."""

    seconds: int
    is_exact: bool

    @property
    def in_words(self) -> str:
        """For example "in 58 minutes", "in 12 seconds", "in an hour at the latest"."""
        return f"in {_time_in_words(self.seconds)}{'' if self.is_exact else ' at the latest'}"


def wait_of(request: HttpRequest) -> Wait:
    """Return when the limit that `request` ran into lets it through again."""
    limits = _limits_of(request)
    keys = {rate: key for rate, key in limits if key}
    counted = cache.get_many(keys.values())
    waits = [_seconds_left(rate, counted.get(key, [])) for rate, key in keys.items()]
    if longest := max(waits, default=0):
        return Wait(longest, is_exact=True)
    return Wait(max((math.ceil(rate.duration) for rate, _ in limits), default=60), is_exact=False)


def seconds_left(request: HttpRequest, action: str, *, user: User) -> int:
    """Return in how many seconds, one at least, the user may do this again."""
    rates = parse_rates(app_settings.RATE_LIMITS.get(action))
    keys = {rate: get_cache_key(request, app=_APP, action=action, rate=rate, user=user) for rate in rates}
    counted = cache.get_many(keys.values())
    return max([1, *(_seconds_left(rate, counted.get(key, [])) for rate, key in keys.items())])


def code_mail_keys(request: HttpRequest, mailbox: str) -> dict[str, str]:
    """Return under which key each limit of CODE_MAIL counts a mail to the normalised mailbox; empty keys for none."""
    asker = f"{mailbox} {get_ip(request)}" if mailbox else ""
    return dict(zip(CODE_MAIL, (asker, mailbox), strict=True))


def _limits_of(request: HttpRequest) -> list[tuple[Rate, str]]:
    """Return each rate with the key it is counted under, empty when that cannot be told from the request."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    rates = app_settings.RATE_LIMITS
    actions = _LIMITS.get(page or "", tuple(set(rates) - _TOLD_ELSEWHERE))
    return [(rate, _key_of(request, action, rate)) for action in actions for rate in parse_rates(rates.get(action))]


def _key_of(request: HttpRequest, action: str, rate: Rate) -> str:
    typed = (request.POST.get("email") or request.POST.get("login") or "").strip()
    counted = code_mail_keys(request, _mailbox(typed)).get(action, typed.lower()) if typed else ""
    if (rate.per == "key" and not counted) or (rate.per == "user" and not request.user.is_authenticated):
        return ""
    key: str = get_cache_key(request, app=_APP, action=action, rate=rate, key=counted)
    return key


def _mailbox(typed: str) -> str:
    try:
        return normalise(typed)
    except ValueError:
        return ""


def _seconds_left(rate: Rate, moments: list[float]) -> int:
    """Return the seconds until fewer than the allowed number lie within the rate's time; `moments` newest first."""
    if len(moments) < rate.amount:
        return 0
    left: float = moments[rate.amount - 1] + rate.duration - time.time()
    return max(0, math.ceil(left))


def _time_in_words(seconds: int) -> str:
    if seconds <= 90:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = math.ceil(seconds / 60)
    return "an hour" if minutes == 60 else f"{minutes} minutes"
