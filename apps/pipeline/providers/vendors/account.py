"""What is needed to call a vendor: settings make accounts, the registry hands them to the vendor's providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Timeouts:
    """In seconds: until connected, between two pieces of an answer, and for a whole call."""

    connect: float = 10.0
    read: float = 90.0
    total: float = 180.0


@dataclass(frozen=True)
class Account:
    """One vendor's key, address and models. `models` is by purpose: text, speech, picture, hearing, moderation.

    `key` may be empty where `base_url` is a server of one's own.
    """

    vendor: str
    key: str = field(repr=False)
    base_url: str
    models: Mapping[str, str]
    timeouts: Timeouts = Timeouts()

    def model(self, purpose: str) -> str:
        return self.models[purpose]
