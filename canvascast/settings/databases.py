"""The database, with connections that notice when the other side is gone."""

from __future__ import annotations

from typing import Any

from canvascast import env

# A machine that is cut off has to know it before its leases end, so that it stops what another may begin then.
_LEASE_SECONDS = env.integer("LEASE_SECONDS", 30)
_OPTIONS = {
    "connect_timeout": max(2, _LEASE_SECONDS // 6),
    "keepalives_idle": max(1, _LEASE_SECONDS // 3),
    "keepalives_interval": max(1, _LEASE_SECONDS // 6),
    "keepalives_count": 3,
    "tcp_user_timeout": _LEASE_SECONDS * 1000 * 2 // 3,
}


def databases(default_url: str | None = None) -> dict[str, dict[str, Any]]:  # Any: the shape Django's DATABASES has
    """Return DATABASES from DATABASE_URL. Raises ImproperlyConfigured when it is missing and has no default."""
    url = env.env.db_url("DATABASE_URL", default=default_url) if default_url else env.env.db_url("DATABASE_URL")
    return {"default": {**url, "OPTIONS": {**_OPTIONS, **url.get("OPTIONS", {})}}}
