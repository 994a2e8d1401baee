"""Prices of videos that people might make, worked out by the rules that charge for them."""

from __future__ import annotations

from dataclasses import dataclass

from apps.billing.prices import kept_on_stop, price_of_scenes, price_of_video

STOPPED_PRICE = 10
_LENGTHS = (
    (0.5, "30 seconds"),
    (1, "1 minute"),
    (1.5, "1 min 30 s"),
    (3, "3 minutes"),
    (5, "5 minutes"),
    (10, "10 minutes"),
)
_SCENES = ((1, "1 scene"), (5, "5 scenes"), (6, "6 scenes"), (12, "12 scenes"))
_MOMENTS = (
    ("before the script is written", ()),
    ("after the script", ("script",)),
    ("after the script and the voice", ("script", "voice")),
    ("after the pictures", ("script", "voice", "images")),
)


@dataclass(frozen=True)
class LengthExample:
    """What a video of one length costs, in credits."""

    length: str
    credits: int
    history_credits: int


@dataclass(frozen=True)
class SceneExample:
    """What making that many changed scenes again costs, in credits."""

    scenes: str
    credits: int


@dataclass(frozen=True)
class StopExample:
    """What is kept and what comes back of STOPPED_PRICE when a video is stopped at that moment."""

    moment: str
    kept: int
    back: int


def examples_of_length() -> list[LengthExample]:
    """Return what videos from half a minute to ten minutes cost."""
    return [
        LengthExample(
            words,
            price_of_video(minutes=minutes, niche="explainer"),
            price_of_video(minutes=minutes, niche="history"),
        )
        for minutes, words in _LENGTHS
    ]


def examples_of_scenes() -> list[SceneExample]:
    """Return what changes to a finished video cost."""
    return [SceneExample(words, price_of_scenes(changed)) for changed, words in _SCENES]


def examples_of_stopping() -> list[StopExample]:
    """Return what stopping a video of STOPPED_PRICE credits keeps, from early to late."""
    return [_stopped(moment, steps) for moment, steps in _MOMENTS]


def _stopped(moment: str, steps: tuple[str, ...]) -> StopExample:
    kept = kept_on_stop(price=STOPPED_PRICE, finished_steps=steps)
    return StopExample(moment, kept, STOPPED_PRICE - kept)
