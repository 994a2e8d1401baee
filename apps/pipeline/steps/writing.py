"""Getting usable words out of a writer: asked up to three times with what is wrong, every good answer kept at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from apps.pipeline.providers.errors import Transient
from apps.pipeline.providers.writer.base import NarrationDraft, NarrationRequest, SceneBriefing, SceneNotes, Writer
from apps.pipeline.steps.base import Context
from apps.pipeline.text.characters import has_words
from apps.pipeline.text.cleaning import clean_text
from apps.pipeline.text.sentences import split_sentences
from apps.pipeline.text.speaking import average_words
from apps.pipeline.text.tokens import tokenise

LONGEST_TEXT_CHARACTERS = 100_000
_TRIES = 3
_TOLERANCE = 0.1
A = TypeVar("A", NarrationDraft, SceneNotes)


@dataclass(frozen=True)
class Draft:
    """Clean text, and what its writer called it; empty strings leave that to the description of the scenes."""

    text: str
    title: str
    description: str


def narrate(writer: Writer, request: NarrationRequest, context: Context) -> Draft:
    """Return a draft within 10 % of the target, or else the nearest of three, cut where it runs longer.

    Raises Transient("empty_script") when no answer has words.
    """
    best: Draft | None = None
    told: set[str] = set()
    problem = ""
    for attempt in range(_TRIES):
        asked = replace(request, seed=request.seed + attempt, problem=problem)
        draft = _read(_kept(context, f"narration {attempt + 1}", asked, NarrationDraft, writer.narrate, _has_words))
        if has_words(draft.text) and (best is None or _miss(draft, request) < _miss(best, request)):
            best = draft
        # A writer that repeats itself has nothing more to tell.
        if (best is not None and _miss(best, request) <= _TOLERANCE) or draft.text in told:
            break
        told.add(draft.text)
        problem = _problem(draft, request)
        context.progress(0.05 + 0.15 * (attempt + 1), "Adjusting the length")
    if best is None:
        raise Transient("empty_script", "the writer returned no words")
    return _capped(best, request)


def describe(writer: Writer, briefing: SceneBriefing, context: Context) -> SceneNotes:
    """Return one note a scene. Raises Transient("bad_script") when three answers had another number of them."""
    count = len(briefing.scene_texts)
    problem = ""
    for attempt in range(_TRIES):
        asked = replace(briefing, seed=briefing.seed + attempt, problem=problem)
        notes = _kept(context, f"scenes {attempt + 1}", asked, SceneNotes, writer.describe, _has_notes(count))
        if len(notes.scenes) == count:
            return notes
        problem = f"“scenes” had {len(notes.scenes)} entries, there are {count} scenes."
        context.progress(0.6 + 0.1 * (attempt + 1), "Describing the scenes again")
    raise Transient("bad_script", f"the writer described {len(notes.scenes)} of {count} scenes")


class _Request(Protocol):
    """Either request; hashed as it is."""

    @property
    def problem(self) -> str: ...


def _kept(
    context: Context,
    unit: str,
    request: _Request,
    kind: type[A],
    ask: Callable[..., A],
    is_usable: Callable[[A], bool],
) -> A:
    """Return the answer kept from an earlier attempt, or ask; an answer that is of no use is not kept."""
    known = context.recall(unit, request, kind)
    if known is not None:
        return known
    answer = ask(request)
    if is_usable(answer):
        context.keep(unit, request, answer)
    return answer


def _has_words(draft: NarrationDraft) -> bool:
    return has_words(_read(draft).text)


def _has_notes(count: int) -> Callable[[SceneNotes], bool]:
    return lambda notes: len(notes.scenes) == count


def _read(draft: NarrationDraft) -> Draft:
    text = clean_text("\n\n".join(draft.paragraphs)[:LONGEST_TEXT_CHARACTERS])
    return Draft(text, draft.title, draft.description)


def _miss(draft: Draft, request: NarrationRequest) -> float:
    return abs(average_words(draft.text, request.language) / request.target_words - 1)


def _problem(draft: Draft, request: NarrationRequest) -> str:
    """Say how far off it was, in the words the writer was asked for and not in ours, which weigh pauses too."""
    if not has_words(draft.text):
        return "It had no words."
    share = average_words(draft.text, request.language) / request.target_words
    if share > 1:
        return (
            f"It is {round((share - 1) * 100)} % too long when it is said. Write {round((1 - 1 / share) * 100)} % less."
        )
    return f"It is {round((1 - share) * 100)} % too short when it is said. Write {round((1 / share - 1) * 100)} % more."


def _capped(draft: Draft, request: NarrationRequest) -> Draft:
    """Drop the sentences that run past the target by more than 10 %: the customer reserved credits for that length."""
    limit = request.target_words * (1 + _TOLERANCE)
    if average_words(draft.text, request.language) <= limit:
        return draft
    kept: list[str] = []
    words = 0
    for paragraph in draft.text.split("\n\n"):
        sentences: list[str] = []
        for sentence in split_sentences(tokenise(paragraph, request.language)):
            text = "".join(token.display + token.after for token in sentence)
            words += average_words(text, request.language)
            if words > limit and (kept or sentences):
                return replace(draft, text="\n\n".join([*kept, "".join(sentences).strip()]).strip())
            sentences.append(text)
        kept.append("".join(sentences))
    return draft
