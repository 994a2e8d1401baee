"""What the main pages may weigh."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from tests.browser.states import STATES
from tests.browser.weight import BUDGET, weight_of


@pytest.mark.parametrize("name", ["home", "create", "ready", pytest.param("scenes", marks=pytest.mark.slow)])
def test_page_is_light(visit, name):
    weight = asdict(weight_of(visit, STATES[name].arrive))

    assert all(weight.values()), weight
    over = {kind: size for kind, size in weight.items() if size > asdict(BUDGET)[kind]}
    assert not over, weight
