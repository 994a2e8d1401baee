"""What vendors charge, by model, as their price lists said on `AS_OF`; every call's cost is counted with these.

A model that is not listed counts as the dearest of its kind: a cap that is too careful is found out, one that never
acts is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

AS_OF = "2025-10-01"
P = TypeVar("P")


@dataclass(frozen=True)
class TokenPrice:
    """In millionths of a dollar for a million tokens, which is dollars a million tokens times a million."""

    into: int
    out_of: int


# Dollars a million tokens, times a million.
_TOKENS: Mapping[str, TokenPrice] = {
    "gpt-4o-mini": TokenPrice(150_000, 600_000),
    "gpt-4o": TokenPrice(2_500_000, 10_000_000),
    "gpt-4.1-mini": TokenPrice(400_000, 1_600_000),
    "gpt-4.1": TokenPrice(2_000_000, 8_000_000),
    "gpt-5-nano": TokenPrice(50_000, 400_000),
    "gpt-5-mini": TokenPrice(250_000, 2_000_000),
    "gpt-5": TokenPrice(1_250_000, 10_000_000),
    "gpt-image-1-mini": TokenPrice(2_500_000, 8_000_000),
    "gpt-image-1": TokenPrice(10_000_000, 40_000_000),
    "gemini-2.5-flash-lite": TokenPrice(100_000, 400_000),
    "gemini-2.5-flash-image": TokenPrice(300_000, 30_000_000),
    "gemini-2.5-flash": TokenPrice(300_000, 2_500_000),
    "gemini-2.5-pro": TokenPrice(1_250_000, 10_000_000),
}
# Dollars a million characters, times a million.
_CHARACTERS: Mapping[str, int] = {
    "tts-1-hd": 30_000_000,
    "tts-1": 15_000_000,
    "gpt-4o-mini-tts": 20_000_000,
    "eleven_flash_v2_5": 150_000_000,
    "eleven_turbo_v2_5": 150_000_000,
    "eleven_multilingual_v2": 300_000_000,
    "eleven_v3": 300_000_000,
}
# Dollars a minute of sound, times a million.
_MINUTES: Mapping[str, int] = {
    "whisper-1": 6_000,
    "gpt-4o-transcribe": 6_000,
    "gpt-4o-mini-transcribe": 3_000,
}


def cost_of_tokens(model: str, *, into: int, out_of: int) -> int:
    """Return the cost in millionths of a dollar, rounded up."""
    price = _listed(_TOKENS, model) or TokenPrice(
        max(price.into for price in _TOKENS.values()), max(price.out_of for price in _TOKENS.values())
    )
    return _up(max(into, 0) * price.into + max(out_of, 0) * price.out_of, 1_000_000)


def cost_of_characters(model: str, characters: int) -> int:
    """Return the cost of saying that many characters, in millionths of a dollar, rounded up."""
    return _up(max(characters, 0) * (_listed(_CHARACTERS, model) or max(_CHARACTERS.values())), 1_000_000)


def cost_of_sound(model: str, seconds: float) -> int:
    """Return the cost of listening to that much sound, in millionths of a dollar, rounded up."""
    milliseconds = round(max(seconds, 0.0) * 1_000)
    return _up(milliseconds * (_listed(_MINUTES, model) or max(_MINUTES.values())), 60_000)


def _listed(table: Mapping[str, P], model: str) -> P | None:
    """Return the entry whose name is the longest beginning of `model`: dated models cost what their family costs."""
    names = [name for name in table if model.startswith(name)]
    return table[max(names, key=len)] if names else None


def _up(amount: int, divisor: int) -> int:
    return -(-amount // divisor)
