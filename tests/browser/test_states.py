"""Every page in every state, light and dark, narrow and wide: nothing to complain of."""

from __future__ import annotations

import pytest

from tests.browser.audit import faults
from tests.browser.states import LOOKS

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
    "ready-320-dark",
    "shared-320-light",
    "failed-320-light",
    "scenes-changed-320-light",
    "credits-full-320-dark",
    "shop-plan-1280-dark",
    "settings-1280-light",
    "error-404-320-dark",
}


def _params() -> list:
    return [pytest.param(*look, id=look.name, marks=() if look.name in _SHORT else pytest.mark.slow) for look in LOOKS]


@pytest.mark.parametrize(("state", "width", "theme"), _params())
def test_page_is_sound_for_everybody(visitors, state, width, theme):
    visit = visitors.open(width=width, theme=theme)

    assert state.arrive(visit) == state.status
    found = faults(visit)
    assert not found, "\n".join(found)
