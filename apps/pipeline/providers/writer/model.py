"""Writers that ask a language model: what they share, whoever serves the model. The answer is a stranger's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.providers.vendors.refusals import bad_answer
from apps.pipeline.providers.writer.base import NarrationDraft, NarrationRequest, SceneBriefing, SceneNote, SceneNotes
from apps.pipeline.providers.writer.questions import Question, narration_question, scenes_question

MOST_ANSWER_TOKENS = 32_000
_MOST_PARAGRAPHS = 400
_MOST_TAGS = 15
_HOOKS = 3
A = TypeVar("A")


def writer_refused() -> Rejected:
    """Return the error for a subject that the model will not write about."""
    sentence = "The writer will not write about this. Describe the video in other words, or paste your own script."
    return Rejected("writer_refused", sentence)


@dataclass(frozen=True)
class _Narration:
    title: str
    description: str
    paragraphs: list[str]


@dataclass(frozen=True)
class _Scene:
    title: str
    caption: str
    picture: str


@dataclass(frozen=True)
class _Scenes:
    title: str
    description: str
    tags: list[str]
    hooks: list[str]
    scenes: list[_Scene]


class ModelWriter:
    """Base of these writers; a vendor's class answers a question with JSON text."""

    name: str

    def narrate(self, request: NarrationRequest) -> NarrationDraft:
        """Raises Rejected("writer_refused"), and what the vendor's calls raise."""
        text, usage = self.answer(narration_question(request))
        found = self._read(text, _Narration, usage)
        return NarrationDraft(found.title, found.description, tuple(found.paragraphs[:_MOST_PARAGRAPHS]), usage)

    def describe(self, request: SceneBriefing) -> SceneNotes:
        """Raises as `narrate` does. There may be more or fewer notes than scenes: whoever asked counts them."""
        text, usage = self.answer(scenes_question(request))
        found = self._read(text, _Scenes, usage)
        return SceneNotes(
            title=found.title,
            description=found.description,
            scenes=tuple(SceneNote(scene.title, scene.caption, scene.picture) for scene in found.scenes),
            usage=usage,
            tags=tuple(found.tags[:_MOST_TAGS]),
            hooks=tuple(found.hooks[:_HOOKS]),
        )

    def answer(self, question: Question) -> tuple[str, Usage]:
        """Return the model's JSON text. Raises Rejected("writer_refused"), and what the vendor's calls raise.

        What is raised of an answer that was paid for has its usage.
        """
        raise NotImplementedError

    def _read(self, text: str, kind: type[A], usage: Usage) -> A:
        with bought(usage):
            try:
                return msgspec.json.decode(text, type=kind)
            except msgspec.MsgspecError as error:
                raise bad_answer(self.name, f"{kind.__name__}: {type(error).__name__}") from error
