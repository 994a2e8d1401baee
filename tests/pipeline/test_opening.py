"""How a text begins."""

from __future__ import annotations

import pytest

from apps.pipeline.text.opening import MOST_CHARACTERS, opening


def shown(text: str, language: str = "en") -> str:
    return "".join(token.display + token.after for token in opening(text, language)).strip()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Why do cats purr? Nobody knows.", "Why do cats purr?"),
        ("# Cats\n\n**They** purr [soft music], Dr. Paws says. More.", "They purr, Dr. Paws says."),
        ("NARRATOR: It began in 1850.", "It began in 1850."),
        ("no stop at all", "no stop at all"),
        ("猫はなぜ鳴くのか。誰も知らない。", "猫はなぜ鳴くのか。"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_first_sentence_that_would_be_said_is_found(text, sentence):
    assert shown(text) == sentence


def test_numbers_are_said_as_in_the_film():
    assert [token.spoken for token in opening("At 3 km.", "en")] == ["At", "three", "kilometres."]


def test_long_sentence_is_cut_at_a_word():
    sentence = shown("word " * 100)

    assert sentence == " ".join(["word"] * 40)
    assert len(sentence) < MOST_CHARACTERS


def test_one_endless_word_gives_nothing_to_say():
    assert opening("x" * 300, "en") == ()


def test_same_first_sentence_is_the_same_opening_whatever_follows():
    assert opening("Why do cats purr?", "en") == opening("Why do cats purr? Nobody knows.", "en")
