"""Writers: words and picture descriptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from apps.pipeline.contracts import Niche
from apps.pipeline.providers.usage import Usage


@dataclass(frozen=True)
class NarrationRequest:
    """Write a narration of `target_words` words about `prompt`; `language` is BCP 47.

    `problem` is a sentence about what was wrong with the last answer, empty at the first time.
    """

    prompt: str
    niche: Niche
    target_words: int
    language: str
    seed: int
    problem: str = ""


@dataclass(frozen=True)
class NarrationDraft:
    """`paragraphs` of plain narration text."""

    title: str
    description: str
    paragraphs: tuple[str, ...]
    usage: Usage


@dataclass(frozen=True)
class SceneBriefing:
    """Describe scenes whose words are fixed; `problem` as in NarrationRequest."""

    title: str
    scene_texts: tuple[str, ...]
    niche: Niche
    language: str
    visual_style: str
    seed: int
    problem: str = ""


@dataclass(frozen=True)
class SceneNote:
    """`caption` has CAPTION_WORDS words at most; `image_prompt` names no text to be drawn."""

    title: str
    caption: str
    image_prompt: str


@dataclass(frozen=True)
class SceneNotes:
    """One note per scene text, in order; the rest is for the whole video.

    `hooks` are sentences that could open it.
    """

    title: str
    description: str
    scenes: tuple[SceneNote, ...]
    usage: Usage
    tags: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


class Writer(Protocol):
    name: str
    identity: str
    """Name, model and version: part of every key."""
    label: str
    """How the page says who wrote it."""

    def narrate(self, request: NarrationRequest) -> NarrationDraft: ...

    def describe(self, request: SceneBriefing) -> SceneNotes: ...
