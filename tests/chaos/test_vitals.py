"""Whether a soak would see what grows, and would not take noise for it."""

from __future__ import annotations

from random import Random

import pytest

from tests.chaos.vitals import Bound, slope

SECONDS = [10.0 * number for number in range(90)]
BOUND = Bound(share=0.05, least=20)


def noise(size: float) -> list[float]:
    random = Random(1)
    return [random.uniform(-size, size) for _ in SECONDS]


@pytest.mark.parametrize(
    ("growth", "jitter", "is_allowed"),
    [(0, 0, True), (45, 0, True), (60, 0, False), (0, 200, True), (100, 10, False), (600, 200, False), (-500, 0, True)],
)
def test_growth_is_told_from_noise(growth, jitter, is_allowed):
    values = [
        1000 + growth * second / SECONDS[-1] + extra for second, extra in zip(SECONDS, noise(jitter), strict=True)
    ]

    assert BOUND.allows(slope(SECONDS, values) * SECONDS[-1], values) is is_allowed


def test_one_peak_tilts_no_trend():
    values = [1000.0] * 89 + [9000.0]

    assert slope(SECONDS, values) == 0
