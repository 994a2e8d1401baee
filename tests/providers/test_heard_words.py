"""What a recogniser heard, laid against what was written."""

from __future__ import annotations

import numpy as np
import pytest

from apps.pipeline.providers.aligner.heard_words import HeardWord, match_heard
from apps.pipeline.providers.aligner.hearing import sound_of, two_letters
from apps.pipeline.providers.aligner.known_words import TimedText, heard_in, text_of
from apps.pipeline.providers.aligner.placing import Heard, placed
from apps.pipeline.text.spoken import with_spoken
from apps.pipeline.text.tokens import tokenise
from tests.pipeline.spoken import tokens_of


def heard(*words: str) -> list[HeardWord]:
    """Each word takes a second."""
    return [HeardWord(word, float(second), float(second + 1)) for second, word in enumerate(words)]


def seconds_of(text: str, *words: str, language: str = "en") -> list[tuple[float, float, float] | None]:
    tokens = with_spoken(tokenise(text, language), language)
    found = match_heard(tokens, heard(*words), language)
    return [(round(each.start, 2), round(each.end, 2), round(each.confidence, 2)) if each else None for each in found]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Cats purr.", ["cats", "purr"], [(0, 1, 1), (1, 2, 1)]),
        ("Cats purr.", ["Um", "Cats", "purr"], [(1, 2, 1), (2, 3, 1)]),
        ("Cats often purr.", ["cats", "purr"], [(0, 1, 1), None, (1, 2, 1)]),
        ("In 1998 it", ["In", "1998", "it"], [(0, 1, 1), (1, 2, 1), (2, 3, 1)]),
        ("In 1998 it", ["In", "nineteen", "ninety", "eight", "it"], [(0, 1, 1), (1, 4, 1), (4, 5, 1)]),
        ("In nineteen ninety-eight it", ["In", "1998", "it"], [(0, 1, 1), (1, 1.42, 1), (1.42, 2, 1), (2, 3, 1)]),
        ("The colour fades", ["the", "color", "fades"], [(0, 1, 1), (1, 2, 0.91), (2, 3, 1)]),
        ("It’s a café", ["its", "a", "cafe"], [(0, 1, 1), (1, 2, 1), (2, 3, 1)]),
        ("Grey wolves howl", ["red", "foxes", "bark"], [None, None, None]),
        ("Cats purr.", [], [None, None]),
    ],
    ids=[
        "equal",
        "one-more-heard",
        "one-not-heard",
        "figures",
        "figures-in-words",
        "words-in-figures",
        "alike",
        "accents",
        "another-text",
        "silence",
    ],
)
def test_each_word_is_found_where_it_was_heard(text: str, words: list[str], expected: list) -> None:
    assert seconds_of(text, *words) == expected


def test_german_numbers_are_compared_as_they_are_said() -> None:
    assert seconds_of("Es sind 25 Katzen", "Es", "sind", "fünfundzwanzig", "Katzen", language="de") == [
        (0, 1, 1),
        (1, 2, 1),
        (2, 3, 1),
        (3, 4, 1),
    ]


def test_a_long_text_that_has_nothing_in_common_takes_no_time() -> None:
    tokens = tokens_of(" ".join(f"alpha{number}" for number in range(300)))

    found = match_heard(tokens, heard(*(f"omega{number}" for number in range(300))), "en")

    assert found == [None] * 300


def test_words_that_were_not_heard_share_the_time_by_their_length() -> None:
    tokens = tokens_of("one two three four")
    noise = (np.random.default_rng(1).standard_normal(48_000 * 4) * 8_000).astype(np.int16)

    words = placed(tokens, [Heard(0.0, 1.0, 1.0), None, None, Heard(3.0, 4.0, 0.9)], noise)

    assert [(round(word.start, 2), round(word.end, 2), word.confidence) for word in words] == [
        (0.0, 1.0, 1.0),
        (1.0, 2.0, 0.0),
        (2.0, 3.0, 0.0),
        (3.0, 4.0, 0.9),
    ]


def test_known_words_are_found_in_pieces_with_other_borders() -> None:
    said = text_of(tokens_of("“Cats” purr, always."))
    pieces = [
        TimedText(" “", 0.0, 0.1, 0.1),
        TimedText("Cats", 0.1, 0.5, 0.9),
        TimedText("”", 0.5, 0.5, 0.1),
        TimedText(" purr", 0.5, 0.9, 0.8),
        TimedText(",", 0.9, 1.0, 0.2),
        TimedText(" al", 1.0, 1.2, 0.6),
        TimedText("ways.", 1.2, 1.7, 1.0),
    ]

    found = heard_in(said, pieces)

    assert said.text == "".join(piece.text for piece in pieces)
    assert [each and (round(each.start, 3), round(each.end, 3), round(each.confidence, 3)) for each in found] == [
        (0.1, 0.5, 0.9),
        (0.5, 0.9, 0.8),
        (1.0, 1.6, 0.8),
    ]


def test_signs_without_spaces_are_found_within_a_piece() -> None:
    said = text_of(tokens_of("猫会因为"))

    found = heard_in(said, [TimedText("猫会", 0.0, 1.0, 0.9), TimedText("因为", 1.0, 2.0, 0.5)])

    assert found == [Heard(0.0, 0.5, 0.9), Heard(0.5, 1.0, 0.9), Heard(1.0, 1.5, 0.5), Heard(1.5, 2.0, 0.5)]


@pytest.mark.parametrize(("hertz", "kept"), [(440, True), (6_000, True), (9_500, False), (15_000, False)])
def test_what_is_too_high_is_left_out_and_not_folded_back(hertz: int, kept: bool) -> None:
    tone = (np.sin(2 * np.pi * hertz * np.arange(48_000) / 48_000) * 16_000).astype(np.int16)

    sound = sound_of(tone)

    assert len(sound) == 16_000
    assert (float(np.abs(sound[1_000:-1_000]).max()) > 0.4) is kept
    assert kept or float(np.abs(sound[1_000:-1_000]).max()) < 0.01


@pytest.mark.parametrize(("language", "code"), [("en-GB", "en"), ("cmn", "zh"), ("nb", "no"), ("de", "de")])
def test_languages_have_their_two_letters(language: str, code: str) -> None:
    assert two_letters(language) == code
