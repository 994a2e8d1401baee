"""The price list."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.billing.prices import kept_on_stop, price_of_longer, price_of_scenes, price_of_video, shares_of


@pytest.mark.parametrize(
    ("minutes", "niche", "credits"),
    [
        (0.1, "facts", 1),
        (1.0, "facts", 1),
        (1.0001, "facts", 2),
        (7.0, "science", 7),
        (7.5, "explainer", 8),
        (0.5, "history", 1),
        (1.0, "history", 2),
        (2.0, "history", 3),
        (2.1, "history", 4),
        (10.0, "history", 15),
        (6.9, "history", 11),
        (4.6, "history", 7),
        (0.0, "facts", 1),
    ],
)
def test_minutes_are_priced(minutes: float, niche: str, credits: int):
    assert price_of_video(minutes=minutes, niche=niche) == credits


@pytest.mark.parametrize(("changed", "credits"), [(0, 1), (1, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_changed_scenes_are_priced_by_fives(changed: int, credits: int):
    assert price_of_scenes(changed) == credits


@pytest.mark.parametrize(
    ("minutes", "niche", "credits"),
    [
        (0.0, "facts", 0),
        (0.99, "facts", 0),
        (1.0, "facts", 1),
        (2.9, "facts", 2),
        (1.0, "history", 1),
        (2.0, "history", 3),
    ],
)
def test_added_minutes_are_priced_when_they_are_whole(minutes: float, niche: str, credits: int):
    assert price_of_longer(minutes=minutes, niche=niche) == credits


@pytest.mark.parametrize(
    ("price", "finished", "kept"),
    [
        (12, [], 0),
        (12, ["script"], 1),
        (12, ["script", "voice"], 3),
        (12, ["script", "voice", "alignment", "visual_plan"], 3),
        (12, ["script", "voice", "images"], 9),
        (12, ["script", "voice", "images", "render"], 12),
        (1, ["script", "voice", "images"], 0),
        (10, ["images"], 5),
    ],
)
def test_stop_keeps_the_finished_steps_share(price: int, finished: list[str], kept: int):
    assert kept_on_stop(price=price, finished_steps=finished) == kept


def test_steps_share_a_price_by_tenths():
    assert {step: str(share) for step, share in shares_of(7).items()} == {
        "script": "0.7",
        "voice": "1.4",
        "images": "3.5",
        "render": "1.4",
    }


@pytest.mark.parametrize("price", [*range(1, 46), 101])
def test_shares_are_together_exactly_the_price(price: int):
    assert sum(shares_of(price).values()) == Decimal(price)
