"""Words that no caption has room for."""

from __future__ import annotations

from collections.abc import Iterable

from apps.pipeline.contracts import Token
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.captions import has_room_for
from apps.pipeline.text.tokens import tokenise

_SHORT = (("\x7f", 60), ("\u058f", 40), ("\ufaff", 10), ("\U0010ffff", 3))
"""So many characters up to that one fit, whichever they are; some signs of other scripts are six letters wide."""
_NAMED_CHARACTERS = 30


def require_short_words(tokens: Iterable[Token]) -> None:
    """Raise Rejected ("long_word") naming the first word that a caption could only show shortened."""
    for token in tokens:
        if not (_is_short(token.display) or has_room_for(token.display)):
            raise Rejected(
                "long_word",
                f"“{token.display[:_NAMED_CHARACTERS]}…” is one word of {len(token.display):,} characters, longer than "
                "captions have room for. Please shorten it or leave it out.",
            )


def require_short_words_in(text: str, language: str) -> None:
    """Raise Rejected as `require_short_words` does, for clean text (`clean_text`)."""
    for line in text.splitlines():
        require_short_words(tokenise(line, language))


def _is_short(word: str) -> bool:
    widest = max(word, default="")
    return len(word) <= next(most for last, most in _SHORT if widest <= last)
