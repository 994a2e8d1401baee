"""Every page in every state, light and dark, narrow and wide: nothing to complain of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.audit import faults
from tests.browser.states import STATES, THEMES, WIDTHS

# One look at each kind of page for every change; all of them in the long run.
_SHORT = {
    "home-320-light",
    "home-1280-dark",
    "gate-320-dark",
    "code-320-light",
    "create-320-light",
    "create-1280-dark",
    "videos-full-320-dark",
    "making-320-light",
    "making-slow-1280-dark",
    "ready-320-dark",
    "ready-1280-light",
    "failed-320-light",
    "credits-full-320-dark",
    "settings-1280-light",
    "error-404-320-dark",
}


def _looks() -> Iterator:
    for name in STATES:
        for width in WIDTHS:
            for theme in THEMES:
                look = f"{name}-{width}-{theme}"
                marks = [] if look in _SHORT else [pytest.mark.slow]
                yield pytest.param(name, width, theme, id=look, marks=marks)


@pytest.mark.parametrize(("name", "width", "theme"), list(_looks()))
def test_page_is_sound_for_everybody(visitors, name, width, theme):
    state, visit = STATES[name], visitors.open(width=width, theme=theme)

    assert state.arrive(visit) == state.status
    found = faults(visit)
    assert not found, "\n".join(found)
