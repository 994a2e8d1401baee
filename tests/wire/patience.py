"""How long a test's calls wait: long on a busy machine, and short only where waiting is what is tested."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from apps.pipeline.providers.vendors.account import Timeouts
from tests.wire.server import Fault

PATIENT = Timeouts(connect=10, read=30, total=60)
QUICK = Timeouts(connect=5, read=0.5, total=1)
P = TypeVar("P")


def in_time_for(provider: P, fault: Fault) -> P:
    """Return the provider, or the same in a hurry where the fault is that nothing or little comes."""
    if fault.kind not in ("silence", "drip"):
        return provider
    return type(provider)(replace(provider.account, timeouts=QUICK))  # type: ignore[attr-defined,call-arg]  # a service
