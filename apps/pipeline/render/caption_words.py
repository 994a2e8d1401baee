"""Words that no caption has room for."""

from __future__ import annotations

from collections.abc import Iterable

from apps.pipeline.contracts import Token
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.captions import has_room_for
from apps.pipeline.text.tokens import tokenise

_SHORT = 60
"""Characters that fit whatever letters they are."""
_NAMED_CHARACTERS = 30


def require_short_words(tokens: Iterable[Token]) -> None:
    """Raise Rejected ("long_word") naming the first word that a caption could only show shortened."""
    for token in tokens:
        if len(token.display) > _SHORT and not has_room_for(token.display):
            raise Rejected(
                "long_word",
                f"“{token.display[:_NAMED_CHARACTERS]}…” is one word of {len(token.display):,} characters, longer than "
                "captions have room for. Please shorten it or leave it out.",
            )


def require_short_words_in(text: str, language: str) -> None:
    """Raise Rejected as `require_short_words` does, for clean text (`clean_text`)."""
    for line in text.splitlines():
        require_short_words(tokenise(line, language))
