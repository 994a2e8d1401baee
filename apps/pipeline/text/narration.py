"""Clean text to tokens that can be shown and said, and what a script says about its own length."""

from __future__ import annotations

from collections.abc import Sequence

from apps.pipeline.contracts import Scene, ScriptFacts, Token
from apps.pipeline.text.spoken import with_spoken
from apps.pipeline.text.tokens import tokenise


def read_paragraphs(clean: str, language: str) -> tuple[tuple[Token, ...], ...]:
    """Return the tokens of each paragraph of `clean` (from `clean_text`), spoken forms filled in."""
    return tuple(with_spoken(tokenise(paragraph, language), language) for paragraph in clean.split("\n\n") if paragraph)


def facts_of(scenes: Sequence[Scene]) -> ScriptFacts:
    """Count the displayed words and add up the scenes' estimated seconds."""
    return ScriptFacts(
        estimated_seconds=round(sum(scene.estimated_seconds for scene in scenes), 2),
        word_count=sum(len(scene.tokens) for scene in scenes),
        scene_count=len(scenes),
    )
