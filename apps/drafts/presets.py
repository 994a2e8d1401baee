"""The kinds of video on offer, in the words that visitors read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """One kind of video; `slug` is the niche's name everywhere else, `label` adds what sets its price apart."""

    slug: str
    name: str
    label: str


PRESETS = (
    Preset("explainer", "Explainer", "Explainer"),
    Preset("facts", "Facts", "Facts"),
    Preset("history", "History", "History, 1½ credits a minute"),
    Preset("science", "Science", "Science"),
    Preset("finance", "Finance", "Finance"),
    Preset("motivation", "Motivation", "Motivation"),
)
