"""The browsers in which somebody is logged in: seeing them, ending them, forgetting those that ran out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.crypto import constant_time_compare

from apps.accounts.browsers import browser_in_words
from apps.accounts.models import User
from canvascast.errors import NotFound

# A login that is under way may have noted its browser before its session is there for others to see.
_DEAD_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class OpenSession:
    """A browser in which the user is logged in; `is_current` is the one that asks."""

    id: int
    browser: str
    address: str
    since: datetime
    is_current: bool


def open_sessions(user: User, *, current: str | None, at: datetime) -> list[OpenSession]:
    """Return the user's sessions, the one with the key `current` first, then the newest first."""
    noted = UserSession.objects.filter(user_id=user.pk).order_by("-created_at")
    alive = _alive(user, noted, at)
    found = [_shown(session, current) for session in noted if session.session_key in alive]
    return sorted(found, key=lambda session: not session.is_current)


def number_of_sessions(user: User, at: datetime) -> int:
    """Return in how many browsers the user is logged in."""
    return len(_alive(user, UserSession.objects.filter(user_id=user.pk), at))


def end_session(user: User, session_id: int) -> None:
    """Log one browser out. Raises NotFound when the user has no such session."""
    session = UserSession.objects.filter(user_id=user.pk, pk=session_id).first()
    if session is None:
        raise NotFound
    get_adapter().end_sessions([session])


def dead_notes(at: datetime) -> QuerySet[UserSession]:
    """Return what is still noted about browsers whose session is over: their address and name."""
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=at)
    notes: QuerySet[UserSession] = UserSession.objects.filter(~Exists(live), created_at__lt=at - _DEAD_AFTER)
    return notes


def _alive(user: User, noted: QuerySet[UserSession], at: datetime) -> set[str]:
    """Return the keys of sessions that still log `user` in: not over, and of the password they have now."""
    stored = Session.objects.filter(session_key__in=noted.order_by().values("session_key"), expire_date__gt=at)
    return {session.session_key for session in stored if _logs_in(session.get_decoded(), user)}


def _logs_in(content: dict[str, object], user: User) -> bool:
    fits = constant_time_compare(str(content.get(HASH_SESSION_KEY, "")), user.get_session_auth_hash())
    return fits and content.get(SESSION_KEY) == str(user.pk)


def _shown(session: UserSession, current: str | None) -> OpenSession:
    return OpenSession(
        id=session.pk,
        browser=browser_in_words(session.user_agent),
        address=session.ip,
        since=session.created_at,
        is_current=session.session_key == current,
    )
