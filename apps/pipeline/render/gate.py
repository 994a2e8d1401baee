"""The quality gate in one table: what a video must pass before it is delivered, the limits, and what is exempt.

The checks themselves are made where the material is at hand (`inspect`, the audio mix); a check judges with `judge` and
so takes its limit from here. Luma is limited-range: 16 is black, 235 is white.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from apps.pipeline.contracts import Verdict

BLACK_LUMA = 24
"""A frame is nearly black when nine tenths of its pixels are at or below this."""
FLAT_DEVIATION = 1.0
"""A frame is of one colour when outside its captions each plane deviates less than this from its mean, in levels."""
FLAT_SPREAD = 3
"""Where the captions are, letters hide the ground: there eight tenths of the pixels must lie within these levels."""
STILL_SHARE = 0.002
"""A band of the picture stands still between two looks when less than this share of its pixels changed at all.

With mbtree x264 repeats a picture that stands still bit for bit; zooming 0.3 % a second over a soft sky changes 0.7 %.
"""
LOOK_FRAMES = 15
"""Frames between two looks for movement."""
FROZEN_FRAMES = 60
"""So long a picture that should move may stand still."""


@dataclass(frozen=True)
class Rule:
    """`limit` None: the caller names the exact value. `fault` completes "The finished video failed its check: …"."""

    sense: Literal["at most", "at least", "exactly"]
    limit: float | None
    unit: str
    fault: str
    exempt: str = ""


RULES: dict[str, Rule] = {
    "segments_checked": Rule("exactly", None, "scenes", "not every scene was looked at"),
    "sound_checked": Rule("exactly", None, "", "the sound was not listened to"),
    "segment_decodes": Rule("exactly", None, "", "part of the picture cannot be decoded"),
    "segment_frames": Rule("exactly", None, "frames", "a scene is longer or shorter than its narration"),
    "segment_size": Rule("exactly", None, "px", "a scene has the wrong picture size"),
    "segment_black": Rule(
        "at most", 15, "frames in a row", "a scene is black", "stills that are as dark themselves (may_be_dark)"
    ),
    "segment_flat": Rule("at most", 15, "frames in a row", "a scene shows a single colour"),
    "segment_frozen": Rule(
        "at most",
        FROZEN_FRAMES,
        "frames in a row",
        "the picture stands still where it should move",
        "motions that hold, and stills too soft for their move to be seen (may_freeze)",
    ),
    "sound_loudness": Rule("at most", 0.5, "LU away from -16 LUFS", "the sound is too loud or too quiet"),
    "sound_true_peak": Rule("at most", -1.5, "dB", "the sound is distorted"),
    "sound_speech": Rule("at most", 0, "silent spans", "the voice cannot be heard where it should speak"),
    "sound_pauses": Rule("at most", 8.0, "s of silence", "the voice falls silent for too long"),
    "picture_flat": Rule("at least", 3.0, "levels of deviation", "a picture is nearly a single colour"),
    "film_streams": Rule("exactly", None, "", "the video file has the wrong format"),
    "film_frames": Rule("exactly", None, "frames", "the video is longer or shorter than its narration"),
    "film_steady": Rule("exactly", None, "gaps", "the picture would stutter"),
    "film_first_key": Rule("exactly", None, "", "the video would start without a picture"),
    "film_audio": Rule("at most", 1.0, "frames of difference", "sound and picture have different lengths"),
    "film_faststart": Rule("exactly", None, "", "the video could not start before it is loaded in full"),
    "captions_parse": Rule("exactly", None, "", "a caption file cannot be read"),
    "captions_words": Rule("exactly", None, "words", "the captions are not the narration's words"),
    "captions_times": Rule("exactly", None, "cues out of place", "captions lie outside the video or overlap"),
}


def judge(check: str, measured: float | str, expected: float | str | None = None, where: str = "") -> Verdict:
    """Judge one measurement by its rule; `expected` is the exact value for rules that carry none."""
    rule = RULES[check]
    limit = expected if rule.limit is None else rule.limit
    return Verdict(
        check, _holds(rule, measured, limit), _named(measured, rule), f"{rule.sense} {_named(limit, rule)}", where
    )


def failed(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts that did not pass."""
    return tuple(verdict for verdict in verdicts if not verdict.passed)


def sentence(verdicts: Iterable[Verdict]) -> str:
    """Tell the customer what failed, each fault once."""
    faults = dict.fromkeys(
        RULES[verdict.check].fault if verdict.check in RULES else verdict.check.replace("_", " ")
        for verdict in failed(verdicts)
    )
    return f"The finished video failed its check: {'; '.join(faults)}. Please try again."


def figures(verdicts: Iterable[Verdict]) -> str:
    """Name the failed checks with what was measured, for the log."""
    return "; ".join(
        f"{verdict.check}{f' at {verdict.where}' if verdict.where else ''}: {verdict.measured}, {verdict.limit}"
        for verdict in failed(verdicts)
    )


def _holds(rule: Rule, measured: float | str, limit: float | str | None) -> bool:
    if rule.sense == "exactly" or isinstance(measured, str) or isinstance(limit, str) or limit is None:
        return measured == limit
    return measured <= limit if rule.sense == "at most" else measured >= limit


def _named(value: float | str | None, rule: Rule) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {rule.unit}".strip()
