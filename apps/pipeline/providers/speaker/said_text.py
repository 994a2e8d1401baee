"""The text that a speaker says, made of its tokens' spoken forms, and where each token begins in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from apps.pipeline.contracts import Token
from apps.pipeline.providers.errors import Rejected


@dataclass(frozen=True)
class SaidText:
    """`starts` has the character at which each token begins in `text`, None where nothing is said."""

    text: str
    starts: tuple[int | None, ...]


def said_text(tokens: Sequence[Token]) -> SaidText:
    """Join the tokens' spoken forms; control characters become spaces, so that no speaker takes one for a command."""
    text = ""
    starts: list[int | None] = []
    for token in tokens:
        starts.append(len(text) if token.spoken else None)
        text += token.spoken + token.after if token.spoken else ""
    return SaidText(
        "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text), tuple(starts)
    )


def text_to_buy(tokens: Sequence[Token], *, most_characters: int) -> SaidText:
    """Return what a vendor is asked to say. Raises Rejected before anything is paid: "no_words", "text_too_long"."""
    said = said_text(tokens)
    if not any(sign.isalnum() for sign in said.text):
        raise Rejected("no_words", "There are no words to say. Make a new video with other words.")
    if len(said.text) > most_characters:
        sentence = f"A scene has {len(said.text):,} characters; this voice says {most_characters:,} at once at most."
        raise Rejected("text_too_long", f"{sentence} Make a new video with shorter sentences.")
    return said
