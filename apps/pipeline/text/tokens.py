"""Text to tokens: each has something to say, and together they are the text, character for character."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from apps.pipeline.contracts import Token
from apps.pipeline.text.characters import SYMBOLS_SAID, has_words, is_unspaced, is_word_character

# A dash or dots between two words part them; a dash between two numbers does not.
_INNER_BREAK = re.compile(r"(?<=[^\W\d_])(?:[—–]|\.{3}|…)+(?=[^\W\d_\s])|(?<=\w)—+(?=\w)")
_THAI_LEADING_VOWELS = frozenset("เแโใไ")
_CLING = frozenset("・ะาำๅๆฯーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〻ゝゞヽヾ")
_UNSPACED_SHARE = 0.6
"""A Han character or its like takes this share of a word's time: Mandarin news runs near 250 characters a minute."""


def tokenise(text: str, language: str) -> tuple[Token, ...]:
    """Split one paragraph into tokens whose `spoken` still equals `display`.

    The joined `display + after` equals `text` with its whitespace runs made single spaces; the last `after` is "".
    Punctuation clings to its word; standing free it joins the word before it ("word —"). Scripts without spaces give
    tokens of about one syllable with `after` "". A text without letters and digits has no tokens. `language` is BCP 47.
    """
    if not has_words(text):
        return ()
    pieces: list[tuple[str, str]] = []
    for chunk in text.split():
        pieces.extend(_pieces(chunk))
        pieces[-1] = (pieces[-1][0], " ")
    pieces[-1] = (pieces[-1][0], "")
    return tuple(Token(display, display, after) for display, after in _with_words(pieces))


def count_words(text: str) -> int:
    """Count the words of `text` as a speaker would: a character of an unspaced script counts as a part of one."""
    unspaced = sum(is_unspaced(character) for character in text)
    rest = "".join(" " if is_unspaced(character) else character for character in text)
    return sum(has_words(chunk) for chunk in rest.split()) + round(unspaced * _UNSPACED_SHARE)


def spoken_weight(spoken: str) -> float:
    """Return how many words of speaking time `spoken` takes."""
    weight = sum(1.0 for word in spoken.replace("-", " ").split() if has_words(word) and not is_unspaced(word[0]))
    return max(weight + _UNSPACED_SHARE * sum(is_unspaced(character) for character in spoken), _UNSPACED_SHARE)


def _pieces(chunk: str) -> Iterator[tuple[str, str]]:
    if any(is_unspaced(character) for character in chunk):
        for syllable in _syllables(chunk):
            yield syllable, ""
        return
    start = 0
    for inner in _INNER_BREAK.finditer(chunk):
        yield chunk[start : inner.end()], ""
        start = inner.end()
    yield chunk[start:], ""


def _syllables(chunk: str) -> list[str]:
    """Cut a chunk of an unspaced script into characters with their marks; foreign words in it stay whole."""
    syllables: list[str] = []
    for character in chunk:
        if syllables and _clings(character, syllables[-1]):
            syllables[-1] += character
        else:
            syllables.append(character)
    return syllables


def _clings(character: str, before: str) -> bool:
    category = unicodedata.category(character)
    if not has_words(before) or before[-1] in _THAI_LEADING_VOWELS:
        return True
    if is_unspaced(character) and category[0] != "M":
        return character in _CLING
    if category[0] in "LN":
        last = before[-1]
        return not any(map(is_unspaced, before)) and (last.isascii() or unicodedata.category(last)[0] in "LMN")
    return category not in {"Ps", "Pi"}


def _with_words(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join the pieces that cannot be said to the one before them; at the start, to the one after."""
    joined: list[tuple[str, str]] = []
    opening = ""
    for display, after in pieces:
        if _is_said(display):
            joined.append((opening + display, after))
            opening = ""
        elif joined:
            before, gap = joined.pop()
            joined.append((before + gap + display, after))
        else:
            opening += display + after
    return joined


def _is_said(display: str) -> bool:
    return display in SYMBOLS_SAID or any(is_word_character(character) for character in display)
