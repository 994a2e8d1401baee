"""Moderators: whether a text may be made into a video at all, asked before anything is bought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.usage import Usage


@dataclass(frozen=True)
class Judgement:
    """`reasons` are the moderator's own words, for staff; empty means that the text may be used."""

    reasons: tuple[str, ...]
    usage: Usage


class Moderator(Protocol):
    name: str
    identity: str

    def judge(self, text: str) -> Judgement: ...


def text_refused(reasons: tuple[str, ...]) -> Rejected:
    """Return the error for a text of which no video is made."""
    sentence = "We make no videos about this: it could do harm. Describe the video in other words."
    return Rejected("text_refused", sentence, f"text_refused: {', '.join(reasons)}")
