"""How a text begins: what a voice or a caption style is tried with before anything is made."""

from __future__ import annotations

from dataclasses import replace

from apps.pipeline.contracts import Token
from apps.pipeline.text.cleaning import clean_text
from apps.pipeline.text.narration import read_paragraphs
from apps.pipeline.text.sentences import split_sentences

MOST_CHARACTERS = 200
_LOOKED_AT = 2_000
"""No first sentence worth hearing begins later; cleaning a whole script would take a hundred times as long."""


def opening(text: str, language: str) -> tuple[Token, ...]:
    """Return the first sentence that would be said, its first 200 characters at most; empty when there are no words."""
    paragraphs = read_paragraphs(clean_text(text[:_LOOKED_AT]), language)
    sentence = _cut(split_sentences(paragraphs[0])[0]) if paragraphs else ()
    # What would follow is no part of it: the same words are the same opening whatever comes after them.
    return (*sentence[:-1], replace(sentence[-1], after="")) if sentence else ()


def _cut(sentence: tuple[Token, ...]) -> tuple[Token, ...]:
    length = 0
    for index, token in enumerate(sentence):
        length += max(len(token.display), len(token.spoken)) + len(token.after)
        if length > MOST_CHARACTERS:
            return sentence[:index]
    return sentence
