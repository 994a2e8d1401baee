"""Titles, on-screen captions and picture descriptions out of a scene's own words."""

from __future__ import annotations

import re
from random import Random

from apps.pipeline.contracts import CAPTION_WORDS, Niche
from apps.pipeline.providers.writer.extract import terms
from apps.pipeline.providers.writer.topic import title_case
from apps.pipeline.providers.writer.vocabulary import BASE_VERBS, CLOSED_WORDS, VAGUE_WORDS
from apps.pipeline.text.characters import has_words, is_unspaced
from apps.pipeline.text.word_sets import word_set

_CLAUSE_BORDER = re.compile(r"(?<=[^\d\s])[.,](?=\s|$)|[;:!?…—–。，！？；：、।؟،\"“”«»()]|\.(?=\s)")
_CONJUNCTION = re.compile(r"\s(?:and|but|or|because|while|although|which|that|when|until|so that)\s")
_LEADING_CONJUNCTION = re.compile(r"^(?:and|but|or|so|because|once|then)\s", re.IGNORECASE)
_FINAL_WORDS = word_set("it them you not us me yourself now")
_TITLE_WORDS = 6
_UNSPACED_CAPTION_CHARACTERS = 16
_SETTINGS: dict[Niche, tuple[str, ...]] = {
    "motivation": (
        "a mountain path at sunrise",
        "a wide open road under a big sky",
        "a runner's trail above the clouds",
        "a calm lake at first light",
    ),
    "explainer": (
        "a tidy desk with everyday objects",
        "a bright room with simple shapes",
        "a clear diagram-like landscape",
        "an open workshop with daylight",
    ),
    "facts": (
        "a colourful collage of objects",
        "a curious cabinet of objects",
        "a bold, playful landscape",
        "a close-up with strong colours",
    ),
    "history": (
        "an old map on parchment",
        "an engraved city by a river",
        "ruins in evening light",
        "a harbour in the age of sail",
    ),
    "finance": (
        "a rising line over a calm skyline",
        "stacked coins in soft light",
        "a modern city at dusk",
        "a balanced scale on a desk",
    ),
    "science": (
        "a laboratory with glass and light",
        "a field of particles and waves",
        "a night sky full of stars",
        "a magnified natural structure",
    ),
}


def caption_of(text: str) -> str:
    """Return the weightiest clause of `text`: CAPTION_WORDS words at most, 16 characters in a script without spaces."""
    clauses = [part for clause in _CLAUSE_BORDER.split(text) for part in _short_parts(clause or "") if has_words(part)]
    if not clauses:
        return ""
    best = max(clauses, key=_clause_weight)
    if any(is_unspaced(character) for character in best):
        return best[:_UNSPACED_CAPTION_CHARACTERS]
    trimmed = _trimmed(best.split()[:CAPTION_WORDS], both_ends=False)
    return trimmed[:1].upper() + trimmed[1:]


def title_of(text: str) -> str:
    """Return a title of at most 6 words out of `text`."""
    caption = caption_of(text)
    return title_case(_trimmed(caption.split()[:_TITLE_WORDS], both_ends=True))


def picture_of(text: str, video_title: str, niche: Niche, seed: int) -> str:
    """Return what to paint: up to five things named by the text and the video's title, in a setting of the niche."""
    things = list(
        dict.fromkeys([*_things(video_title)[:2], *(thing for thing in _things(text) if thing not in BASE_VERBS)])
    )[:5]
    setting = Random(f"{seed}:{text}").choice(_SETTINGS[niche])
    return f"{', '.join(things)}; {setting}" if things else setting


def _short_parts(clause: str) -> list[str]:
    parts = [clause] if len(clause.split()) <= CAPTION_WORDS else _CONJUNCTION.split(clause)
    return [_LEADING_CONJUNCTION.sub("", part.strip(" -'’")) for part in parts]


def _clause_weight(clause: str) -> float:
    words = clause.split()
    telling = len({word for word in terms(clause) if word not in VAGUE_WORDS})
    return telling - max(0, len(words) - CAPTION_WORDS) * 0.6 - (1.5 if len(words) < 2 else 0.0)


def _trimmed(words: list[str], *, both_ends: bool) -> str:
    dangling = CLOSED_WORDS if both_ends else CLOSED_WORDS - _FINAL_WORDS
    while len(words) > 1 and words[-1].lower() in dangling:
        words = words[:-1]
    while both_ends and len(words) > 2 and words[0].lower() in CLOSED_WORDS:
        words = words[1:]
    return " ".join(words)


def _things(text: str) -> list[str]:
    return [
        word
        for word in dict.fromkeys(terms(text))
        if len(word) > 2 and word not in VAGUE_WORDS and not word.endswith("ly") and not word.isdigit()
    ]
