"""What can be ordered of a video: the choices by name, and between which limits its texts and numbers are."""

from __future__ import annotations

from typing import Literal, get_args

Niche = Literal["motivation", "explainer", "facts", "history", "finance", "science"]
Shape = Literal["16:9", "9:16", "1:1"]
Pace = Literal["slow", "normal", "fast"]
TranscriptMode = Literal["auto", "manual"]
CaptionStyle = Literal["plain", "boxed", "karaoke", "big_word", "lower_third", "cinema"]
CaptionPosition = Literal["bottom", "middle", "top"]

NICHES: tuple[Niche, ...] = get_args(Niche)
CAPTION_STYLES: tuple[CaptionStyle, ...] = get_args(CaptionStyle)

PROMPT_CHARACTERS = (10, 5_000)
TRANSCRIPT_CHARACTERS = (10, 50_000)
TITLE_CHARACTERS = 200
MINUTES = (0.5, 30.0)
SPEED = (0.5, 2.0)
