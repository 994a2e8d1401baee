"""Where somebody who just logged in wants to be."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from apps.accounts.models import Profile

VIDEOS = "/app"
WELCOME = "/app/welcome"
NEW_VIDEO = "/app/new"
_WAITING_DRAFT = "waiting_draft"

Session = MutableMapping[str, Any]  # Any: what a session holds


def remember_draft(session: Session, draft_id: UUID) -> None:
    """Let the next landing lead to this draft."""
    session[_WAITING_DRAFT] = str(draft_id)


def landing_page(session: Session, profile: Profile) -> str:
    """Return the draft that waits, once; else the welcome page for a newcomer; else the videos."""
    draft_id = session.pop(_WAITING_DRAFT, None)
    if draft_id:
        return f"{NEW_VIDEO}?{urlencode({'draft': draft_id})}"
    return VIDEOS if profile.welcomed_at else WELCOME
