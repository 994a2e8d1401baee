"""From a scene's words to a composition, an hour of the day and a silhouette."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.pipeline.contracts import Niche
from apps.pipeline.providers.painter.scenery.repertoire import COMPOSITIONS, HOURS, PROGRAMMES
from apps.pipeline.providers.painter.scenery.stage import Compose

_COMPOSITION_WORDS: dict[str, str] = {
    "peaks": (
        "mountain mountains peak peaks summit climb climbing alps everest cliff glacier snow winter ice altitude"
    ),
    "lake": "lake river rivers calm reflection mirror valley flood canal",
    "open_sea": "sea ocean oceans horizon water sail sailing whale whales fish shark island tide deep navy",
    "dunes": "desert sand dune dunes drought egypt sahara camel heat dry arabia",
    "coast": "coast coasts shore beach cliffs island islands bay harbour",
    "road": "road roads path journey way travel drive forward goal goals direction car wheel distance",
    "forest": "forest forests tree trees wood woods leaf leaves jungle wolf bear deer fog mist nature wild",
    "against_light": "alone hope dream dreams freedom savanna africa grassland hill",
    "nebula": "space universe cosmos cosmic stars star nebula gas dust creation infinite",
    "planet": "planet planets saturn jupiter mars venus world earth moon orbit space",
    "orbits": "orbit orbits solar system sun gravity planets astronomy kepler rotation",
    "galaxy": "galaxy galaxies milky universe spiral stars astronomer telescope",
    "eclipse": "eclipse shadow sun moon corona black hole",
    "cells": "cell cells bacteria virus viruses blood microscope immune body medicine disease organism biology",
    "molecule": (
        "molecule molecules atom atoms chemical chemistry reaction carbon oxygen hydrogen element elements acid"
    ),
    "neurons": (
        "brain neuron neurons nerve nerves mind memory think thinking thought psychology sleep intelligence network"
    ),
    "crystals": "crystal crystals mineral minerals diamond quartz salt gem rock geology",
    "helix": "dna gene genes genetic genetics evolution heredity inherit chromosome life species",
    "waves": (
        "wave waves sound vibration vibrations frequency frequencies radio quantum interference purr "
        "purring signal noise hear"
    ),
    "field_lines": "magnet magnetic magnetism electric electricity field force forces energy charge current",
    "skyline": "city cities skyline building buildings bank banks company companies corporate urban business",
    "avenue": "street streets traffic city shops downtown avenue market speed",
    "rooftops": "house houses housing property estate mortgage rent city economy district town neighbourhood",
    "bars": (
        "growth grow grows growing increase chart statistics percent compare income profit profits revenue sales budget"
    ),
    "curve": "trend curve interest compound rate rates growth inflation returns long-term climb rise rising",
    "candles": (
        "stock stocks market markets trading trader shares crash bitcoin crypto price prices investor exchange"
    ),
    "coins": (
        "money coin coins gold cash save saving savings wealth rich dollar dollars currency pay tax debt loan price"
    ),
    "old_map": (
        "map maps explorer explorers voyage discovery discovered route empire territory columbus trade silk navigation"
    ),
    "ruins": (
        "ruin ruins rome roman romans greek greece temple ancient column columns civilisation civilization gods athens"
    ),
    "fortress": (
        "castle fortress king kings queen knight knights medieval siege wall walls tower prince kingdom crown lord"
    ),
    "engraved_sea": "ship ships fleet voyage sailor sailors pirate pirates armada navy sailed",
    "engraved_fortress": (
        "war wars battle battles army armies siege soldiers conquest revolution revolt general invasion"
    ),
    "engraved_rider": "horse horses rider cavalry mongol nomads messenger soldier",
    "gears": ("machine machines engine engines gear gears mechanism factory industry industrial works working process"),
    "lamp": (
        "idea ideas light bulb invention invent inventor edison electricity energy solution bright insight creative"
    ),
    "books": (
        "book books read reading learn learning study school knowledge library writing author story lesson words"
    ),
    "clock": (
        "time clock hour hours minute minutes day days year years century deadline patience habit daily schedule"
    ),
    "blocks": (
        "build building step steps blocks structure foundation layers level levels progress habit pyramid system"
    ),
    "prism": "light colour color colours colors spectrum rainbow optics lens glass newton ray rays",
    "paper_hills": ("land hills farm farming fields spring season seasons weather climate country countryside garden"),
    "paper_depths": "inside deep depth cave hidden secret layer layers heart soul discover inner",
    "paper_waves": "sea ocean wave waves boat tide fish swim swimming water",
    "sunburst": "sun success win winner victory hero power champion sunrise amazing star",
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


_SHARED = re.compile(r"\b(?:Style|Mood):|\bNo text\b")
_PRINTS = ("sunburst", "paper_waves", "paper_depths", "paper_hills")
_MODERN = ("skyline", "avenue", "rooftops", "bars", "candles", "curve", "blocks", "gears", "lamp")
_OLD = ("old_map", "engraved_sea", "engraved_fortress", "engraved_rider")
_OUT_OF_STYLE: dict[Niche, tuple[str, ...]] = {
    "motivation": _OLD,
    "explainer": _OLD,
    "facts": _OLD,
    "history": (*_PRINTS, *_MODERN),
    "finance": (*_OLD, *_PRINTS),
    "science": (*_OLD, *_PRINTS),
}


@dataclass(frozen=True)
class Cues:
    """Words in lower case: `words` of the whole description, `own` those that set this scene apart from its video's."""

    words: frozenset[str]
    own: frozenset[str]


def cues_of(prompt: str, style: str) -> Cues:
    """Return what the prompt says of the scene, without the style, mood and rules that every scene of a video shares.

    A description that lists things and then a setting ("cats, purring, throat; a playful landscape") is read up to the
    setting; its first two things are the video's subject.
    """
    described = _SHARED.split(prompt, maxsplit=1)[0]
    things, listed, _ = described.partition(";")
    shared = frozenset(_split(style))
    words = frozenset(_split(things)) - shared
    own = " ".join(things.split(",")[2:]) if listed else described
    return Cues(words, frozenset(_split(own)) - shared)


def choose_composition(niche: Niche, own: frozenset[str], number: int) -> Compose:
    """Return what to paint: what the scene's own words ask for, else the niche's next composition."""
    programme = PROGRAMMES[niche]
    asked = _ranked(_COMPOSITION_WORDS, own)
    fitting = [name for name in asked if name in programme] or [
        name for name in asked if name not in _OUT_OF_STYLE[niche]
    ]
    name = fitting[number % len(fitting)] if fitting else programme[number % len(programme)]
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
