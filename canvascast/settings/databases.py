"""The database, with connections that notice when the other side is gone."""

from __future__ import annotations

from typing import Any

from canvascast import env

_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def databases(default_url: str | None = None) -> dict[str, dict[str, Any]]:  # Any: the shape Django's DATABASES has
    """Return DATABASES from DATABASE_URL. Raises ImproperlyConfigured when it is missing and has no default."""
    url = env.env.db_url("DATABASE_URL", default=default_url) if default_url else env.env.db_url("DATABASE_URL")
    return {"default": {**url, "OPTIONS": {**_OPTIONS, **url.get("OPTIONS", {})}}}
