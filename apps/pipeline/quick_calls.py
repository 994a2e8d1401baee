"""Calls of vendors while somebody waits at a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apps.pipeline.calls import recorded_alone
from apps.pipeline.providers.vendors.account import Timeouts

_QUICK = Timeouts(connect=5.0, read=20.0, total=30.0)


def asked_quickly(provider: Any, capability: str) -> Any:  # Any: one of the provider protocols, of a vendor's
    """Return the vendor's provider with its calls recorded for no video, and with less patience than a step has."""
    hurried = type(provider)(replace(provider.account, timeouts=_at_most(provider.account.timeouts)))
    return recorded_alone(hurried, capability)


def is_remote(provider: object) -> bool:
    """Tell whether asking this provider is a call of a vendor."""
    return bool(getattr(provider, "is_remote", False))


def _at_most(timeouts: Timeouts) -> Timeouts:
    return Timeouts(
        min(timeouts.connect, _QUICK.connect), min(timeouts.read, _QUICK.read), min(timeouts.total, _QUICK.total)
    )
