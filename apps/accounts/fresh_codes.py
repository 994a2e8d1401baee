"""A fresh code by mail before what cannot be undone, and before what opens another way in.

allauth asks nothing of whoever has neither a password nor a second factor: for them it is the one question there is.

What is known about the code lives in the session: its digest, until when, for whom, how many wrong tries.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.accounts.models import User
from apps.accounts.sentences import void_code
from canvascast.errors import Refused

GOOD_FOR = timedelta(minutes=10)
TRIES_MAX = 5
_ASKED = "fresh_code_asked"
_CONFIRMED = "fresh_code_confirmed"

Session = MutableMapping[str, Any]  # Any: what a session holds


class WrongCode(Refused):
    """The code is not the one that was mailed, or it is too late for it."""

    code = "VALIDATION_ERROR"


def issue(session: Session, *, user: User, at: datetime) -> str:
    """Return a new code for `user`, good for ten minutes and five tries; the one before it is void."""
    code: str = get_adapter().generate_login_code()
    session[_ASKED] = {
        "digest": _digest(code),
        "user": str(user.pk),
        "until": (at + GOOD_FOR).timestamp(),
        "wrong": 0,
    }
    return code


def is_asked(session: Session, *, user: User, at: datetime) -> bool:
    """Return whether a code was mailed that can still be typed."""
    return _holds(session.get(_ASKED), user, at)


def redeem(session: Session, *, user: User, code: str, at: datetime) -> None:
    """Make the session fresh for ten minutes. Raises WrongCode; after the fifth the code is void."""
    if not is_asked(session, user=user, at=at):
        session.pop(_ASKED, None)
        raise WrongCode("That code is no longer good. Ask for a new one.")
    asked = session.pop(_ASKED)
    if not constant_time_compare(_digest(code), asked["digest"]):
        if asked["wrong"] + 1 < TRIES_MAX:
            session[_ASKED] = {**asked, "wrong": asked["wrong"] + 1}
            raise WrongCode("That is not the code we mailed. Look again, or ask for a new one.")
        raise WrongCode(void_code(TRIES_MAX))
    session[_CONFIRMED] = {"user": str(user.pk), "until": (at + GOOD_FOR).timestamp()}


def is_fresh(session: Session, *, user: User, at: datetime) -> bool:
    """Return whether the user typed a mailed code in this session within the last ten minutes."""
    return _holds(session.get(_CONFIRMED), user, at)


def _holds(noted: dict[str, Any] | None, user: User, at: datetime) -> bool:  # Any: as above
    return noted is not None and noted["user"] == str(user.pk) and noted["until"] > at.timestamp()


def _digest(code: str) -> str:
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    return salted_hmac("apps.accounts.fresh_codes", typed, algorithm="sha256").hexdigest()
