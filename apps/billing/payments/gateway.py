"""The border to Stripe: one client with deadlines and retries of ours, and what its refusals mean to a user.

Retries are ours because the SDK's know neither our deadline nor our logs; every call that makes something carries an
idempotency key, so that a repeated one makes it once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any, TypeVar

import stamina
import stripe
from django.conf import settings

from canvascast import life_signs
from canvascast.errors import Refused, Unavailable
from canvascast.logs import get_logger

log = get_logger("payments")

T = TypeVar("T")
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 20.0
_TRIES, _ALL_TRIES_SECONDS = 3, 30.0


class PaymentsUnavailable(Unavailable):
    """Stripe does not answer, or not as it should; `reason` is for the log.

    `was_answered` tells that it answers and refuses this very question.
    """

    def __init__(self, reason: str, *, was_answered: bool = False) -> None:
        super().__init__("The payment service does not answer just now. Nothing was charged. Please try again soon.")
        self.reason = reason
        self.was_answered = was_answered


class PaymentsOff(Refused):
    """This installation has no Stripe account."""

    def __init__(self) -> None:
        super().__init__("This installation sells no credits. Whoever runs it can give you more.")


class GoneAtStripe(Exception):
    """Stripe has no such object."""


class ThereAlready(Exception):
    """Stripe has an object of that id."""


def asked(question: Callable[[stripe.StripeClient], T]) -> T:
    """Return Stripe's answer; `question` may be asked up to three times.

    Raises PaymentsOff without a key, GoneAtStripe and ThereAlready where Stripe says so, PaymentsUnavailable for all
    else.
    """
    if not settings.STRIPE_SECRET_KEY:
        raise PaymentsOff
    life_signs.show()
    try:
        for attempt in stamina.retry_context(
            on=_is_passing, attempts=_TRIES, timeout=_ALL_TRIES_SECONDS, wait_initial=0.2, wait_max=3.0
        ):
            with attempt:
                return question(
                    _client(settings.STRIPE_SECRET_KEY, getattr(settings, "STRIPE_API_HOST", stripe.DEFAULT_API_BASE))
                )
    except stripe.InvalidRequestError as error:
        if error.code in _ANSWERS:
            raise _ANSWERS[error.code](error.param or "") from error
        raise _unavailable(error) from error
    except stripe.StripeError as error:
        raise _unavailable(error) from error
    raise AssertionError("stamina either returns or raises")


def metadata_of(thing: Any) -> dict[str, str]:  # Any: one of Stripe's objects
    """Return what we, or somebody at Stripe's dashboard, noted on the object."""
    return dict(thing.metadata.to_dict()) if getattr(thing, "metadata", None) else {}


_ANSWERS = {"resource_missing": GoneAtStripe, "resource_already_exists": ThereAlready}


def set_up_sdk() -> None:
    """Give dj-stripe's own calls, which use the SDK's module, the same deadlines."""
    stripe.default_http_client = _http_client()
    stripe.max_network_retries = 0
    stripe.enable_telemetry = False


@cache
def _client(key: str, host: str) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": host}, max_network_retries=0, http_client=_http_client())


def _http_client() -> stripe.RequestsClient:
    return stripe.RequestsClient(timeout=(_CONNECT_SECONDS, _READ_SECONDS))


def _is_passing(error: Exception) -> bool:
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError):
        return True
    # 409: the same idempotency key, or the object, is in use by a request that is not through yet.
    status = error.http_status or HTTPStatus.INTERNAL_SERVER_ERROR if isinstance(error, stripe.APIError) else 0
    return status == HTTPStatus.CONFLICT or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _unavailable(error: stripe.StripeError) -> PaymentsUnavailable:
    """Stripe's message stays in the log: it may name keys and addresses of the account."""
    reason = error.code or type(error).__name__
    log.error("stripe_refused", reason=reason, status=error.http_status, request=error.request_id)
    was_answered = isinstance(error, stripe.InvalidRequestError | stripe.PermissionError | stripe.CardError)
    return PaymentsUnavailable(reason, was_answered=was_answered)
