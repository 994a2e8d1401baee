"""What a provider call consumed, returned with its result so that its cost can be recorded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """`units` counts what the vendor bills (characters, tokens, pictures); cost in millionths of a US dollar."""

    model: str
    units: int = 0
    cost_micro_usd: int = 0
