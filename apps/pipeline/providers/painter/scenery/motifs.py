"""From a scene's words to a composition, an hour of the day and a silhouette."""

from __future__ import annotations

import re

from apps.pipeline.contracts import Niche
from apps.pipeline.providers.painter.scenery.repertoire import COMPOSITIONS, HOURS, PROGRAMMES
from apps.pipeline.providers.painter.scenery.stage import Compose

_COMPOSITION_WORDS: dict[str, str] = {
    "peaks": "mountain mountains peak peaks summit climb climbing alps everest cliff glacier snow winter",
    "lake": "lake calm reflection mirror still quiet boat",
    "open_sea": "sea ocean wave horizon water sail sailing ship voyage fish whale island tide",
    "dunes": "desert sand dune dunes drought egypt sahara camel heat",
    "road": "road path journey way travel drive street route forward goal direction",
    "forest": "forest tree trees wood woods nature leaf leaves jungle wild wolf bear fog mist",
    "against_light": "cat cats dog dogs horse alone person man woman child family friend hope dream freedom",
}

_MOOD_WORDS: dict[str, str] = {
    "night": "night midnight dark darkness moon moonlight stars sleep asleep evening",
    "dawn": "dawn morning sunrise begin beginning birth wake awake spring",
    "dusk": "dusk sunset twilight end ending farewell",
    "storm": "storm rain thunder war battle crisis crash fear danger struggle conflict fight",
    "day": "noon midday summer sunny bright",
    "mist": "mist fog foggy mystery unknown memory forgotten",
    "golden": "gold golden autumn harvest warm",
    "aurora": "aurora arctic polar magnetic",
}

_SUBJECT_WORDS: dict[str, str] = {
    "cat": "cat cats kitten kittens feline",
    "dog": "dog dogs puppy wolf wolves canine",
    "horse": "horse horses cavalry rider knight",
    "ship": "ship ships fleet voyage columbus pirate sailor sailors armada trade explorer explorers",
    "boat": "boat boats sail sailing yacht fisherman",
    "crowd": "people crowd team soldiers army workers citizens society students customers",
    "family": "family child children parents mother father home baby",
    "victor": "success victory win winner winning champion triumph achieve achieved confidence",
    "watcher": "alone lonely man woman person dream dreams hope think thinker human",
    "walker": "walk walking journey traveller climb climbing hiker step steps path adventure",
}


def words_of(prompt: str, style: str) -> frozenset[str]:
    """Return the prompt's words in lower case, without those that every scene shares through the style."""
    return frozenset(_split(prompt)) - frozenset(_split(style))


def choose_composition(niche: Niche, words: frozenset[str], number: int) -> Compose:
    """Return what to paint: what the words ask for, else the niche's next composition."""
    programme = PROGRAMMES[niche]
    asked = _ranked(_COMPOSITION_WORDS, words)
    name = asked[number % len(asked)] if asked else programme[number % len(programme)]
    return COMPOSITIONS[name]


def choose_mood(niche: Niche, words: frozenset[str], number: int) -> str:
    """Return the hour the words name, else the niche's next one."""
    asked = _ranked(_MOOD_WORDS, words)
    hours = HOURS[niche]
    return asked[0] if asked else hours[number % len(hours)]


def choose_subject(words: frozenset[str]) -> str:
    """Return the silhouette the words name, or an empty string."""
    asked = _ranked(_SUBJECT_WORDS, words)
    return asked[0] if asked else ""


def _split(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _ranked(table: dict[str, str], words: frozenset[str]) -> list[str]:
    """Return the entries that share most words, the best ones only, in the table's order."""
    hits = {name: len(words & frozenset(listed.split())) for name, listed in table.items()}
    best = max(hits.values(), default=0)
    return [name for name, count in hits.items() if best and count == best]
