"""Lengths, credits and money in words."""

from __future__ import annotations

import pytest

from canvascast.amounts import credits_in_words, length_in_words, money_in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.999, "0 s"),
        (24, "24 s"),
        (60.5, "1 min"),
        (88.6, "1 min 28 s"),
        (88.999, "1 min 28 s"),
        (120, "2 min"),
        (600, "10 min"),
    ],
)
def test_length_is_said_in_minutes_and_seconds(seconds, words):
    assert length_in_words(seconds) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 credits"), (1, "1 credit"), (12, "12 credits")])
def test_credits_are_said_with_their_number(count, words):
    assert credits_in_words(count) == words


@pytest.mark.parametrize(
    ("cents", "currency", "words"),
    [
        (3_900, "usd", "$39"),
        (3_950, "usd", "$39.50"),
        (-400, "usd", "−$4"),
        (5, "eur", "€0.05"),
        (123_456, "chf", "1,234.56 CHF"),
        (3_900, "chf", "39 CHF"),
        (3_900, "JPY", "3,900 JPY"),
    ],
)
def test_money_is_said_with_its_currency(cents, currency, words):
    assert money_in_words(cents, currency) == words
