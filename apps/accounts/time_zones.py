"""The time zones that can be chosen."""

from __future__ import annotations

import zoneinfo
from functools import cache


@cache
def time_zone_choices() -> list[tuple[str, str]]:
    """Return every place's zone and UTC, as (name, what is shown)."""
    names = zoneinfo.available_timezones()
    return sorted((name, name.replace("_", " ")) for name in names if "/" in name or name == "UTC")
