"""Words that no caption has room for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from apps.pipeline.contracts import Token
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.text.tokens import tokenise

LONGEST_WORD = 90
"""Characters, marks on them not counted: so many of the widest letter fit in two lines of every shape's captions."""
_NAMED_CHARACTERS = 30


def require_short_words(tokens: Iterable[Token]) -> None:
    """Raise Rejected ("long_word") naming the first word that a caption could only show shortened."""
    for token in tokens:
        length = sum(not unicodedata.combining(character) for character in token.display)
        if length > LONGEST_WORD:
            raise Rejected(
                "long_word",
                f"“{token.display[:_NAMED_CHARACTERS]}…” has {length:,} characters without a space between words; "
                f"captions have room for {LONGEST_WORD}. Please shorten it or leave it out.",
            )


def require_short_words_in(text: str, language: str) -> None:
    """Raise Rejected as `require_short_words` does, for clean text (`clean_text`)."""
    for line in text.splitlines():
        require_short_words(tokenise(line, language))
