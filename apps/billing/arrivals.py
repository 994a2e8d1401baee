"""What the page says to somebody who comes back from paying: the credits are there, or the payment is on its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.billing.payments import queries

POLL_SECONDS = 2
MOST_POLLS = 15


def arrival_context(user: User, checkout_id: UUID, query: Mapping[str, str]) -> dict[str, Any]:  # Any: template context
    """Return what the panel about a payment shows; `query` counts the looks that the page took. Raises NotFound."""
    found = queries.arrival(user, checkout_id)
    asked = query.get("asked", "")
    looks = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
    return {
        "arrival": found,
        "looks": looks + 1,
        "poll_seconds": POLL_SECONDS,
        "is_waiting": found.state == "waiting" and looks < MOST_POLLS,
    }
