"""How long making a video takes, from what the last ones took: in seconds, and in words that promise nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from apps.pipeline import catalogue, load
from apps.pipeline.past_videos import PastVideo, past_videos

# Fewer videos than this say too little.
_ENOUGH = 5
# A video is like another when it is at most this many times as long, or as short.
_LIKE = 2.0
# While there are too few videos: a machine with other work took twice as long, and a short video as long as a minute.
_USUAL_SPREAD = 2.0
_USUAL_FROM_MINUTES = 1.0
_SHORTEST_MINUTES = 0.1
_COARSE_FROM_MINUTES = 10


@dataclass(frozen=True)
class Wait:
    """Half of the videos like it were ready after `low_seconds`, nine of ten after `high_seconds`."""

    low_seconds: float
    high_seconds: float

    @property
    def words(self) -> str:
        """The range as it is shown: "3–5 min", "about 2 min", "under a minute"."""
        low, high = _rounded(self.low_seconds, math.floor), _rounded(self.high_seconds, math.ceil)
        return f"{max(low, 1)}–{high} min" if max(low, 1) < high else about(self.high_seconds)


@dataclass(frozen=True)
class Estimate:
    """What making a video of one length usually takes, in seconds: each step and the whole.

    Nine of ten videos took at most `spread` times the usual.
    """

    steps: Mapping[str, float]
    seconds: float
    spread: float

    def left(self, shares: Mapping[str, float]) -> Wait:
        """Return what is left when of each step that share, 0 to 1, is done; steps may run side by side."""
        share = _longest_way(self.steps, shares) / (_longest_way(self.steps, {}) or 1.0)
        return Wait(self.seconds * share, self.seconds * share * self.spread)


def about(seconds: float) -> str:
    """Return a time as it is shown: "under a minute", "about 2 min"."""
    return "under a minute" if seconds <= 60 else f"about {_rounded(seconds, math.ceil)} min"


def waiting_time(minutes: float) -> Wait:
    """Return after what time a video of that length, started now, is ready; other videos in line count."""
    estimate = estimate_for(minutes)
    low = estimate.seconds + seconds_ahead(load.now().videos_left)
    return Wait(low, low * estimate.spread)


def estimate_for(minutes: float) -> Estimate:
    """Return what making a video of that length takes: by the past ones like it, or by the declared usual seconds."""
    videos = _like(max(minutes, _SHORTEST_MINUTES), past_videos())
    minutes = max(minutes, _SHORTEST_MINUTES if videos else _USUAL_FROM_MINUTES)
    steps = {
        step.name: minutes * _seconds_a_minute(step.name, step.usual_seconds, videos) for step in catalogue.steps()
    }
    if not videos:
        return Estimate(steps, _longest_way(steps, {}), _USUAL_SPREAD)
    paces = [video.seconds / video.minutes for video in videos]
    usual = median(paces)
    most = quantiles(paces, n=10, method="inclusive")[-1]
    return Estimate(steps, minutes * usual, most / usual if usual else _USUAL_SPREAD)


def seconds_ahead(videos_left: float) -> float:
    """Return how long that many whole videos, of the length that is usual here, take."""
    videos = past_videos()
    usual = median(video.minutes for video in videos) if len(videos) >= _ENOUGH else 1.0
    return videos_left * estimate_for(usual).seconds


def _like(minutes: float, videos: Sequence[PastVideo]) -> Sequence[PastVideo]:
    like = [video for video in videos if 1 / _LIKE <= video.minutes / minutes <= _LIKE]
    if len(like) >= _ENOUGH:
        return like
    return videos if len(videos) >= _ENOUGH else ()


def _seconds_a_minute(step: str, usual: float, videos: Sequence[PastVideo]) -> float:
    known = [video.steps[step] / video.minutes for video in videos if step in video.steps]
    return median(known) if known else usual


def _longest_way(seconds: Mapping[str, float], shares: Mapping[str, float]) -> float:
    """Return the seconds from now to the end of the last step, each beginning when those that it reads are done."""
    ends: dict[str, float] = {}
    for step in catalogue.steps():
        begun = max((ends[name] for name in step.reads), default=0.0)
        ends[step.name] = begun + seconds[step.name] * (1 - shares.get(step.name, 0.0))
    return max(ends.values(), default=0.0)


def _rounded(seconds: float, rounding: Callable[[float], int]) -> int:
    """Return whole minutes, from ten on in fives."""
    minutes = seconds / 60
    return rounding(minutes) if minutes < _COARSE_FROM_MINUTES else 5 * rounding(minutes / 5)
