"""Letters fit a narrow window and can be read, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.letters import LETTERS, LOOKS, opened

_SHORT = {("video_ready-long", 320, "dark"), ("payment_failed", 320, "light")}
# A mail has no landmarks: its tables are its looks.
_AXE = {
    "resultTypes": ["violations"],
    "preload": False,
    "rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}},
}


def _params() -> list:
    looks = [(name, width, theme) for name in LETTERS for width, theme in LOOKS]
    return [
        pytest.param(*look, id="-".join(map(str, look)), marks=() if look in _SHORT else pytest.mark.slow)
        for look in looks
    ]


@pytest.mark.parametrize(("name", "width", "theme"), _params())
def test_letter_fits_and_can_be_read(browser, name, width, theme):
    with opened(browser, name, width, theme) as page:
        found = Axe().run(page, options=_AXE).response["violations"]
        overhang = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        button = page.locator(".act a").bounding_box()

    assert [(fault["id"], [node["html"][:80] for node in fault["nodes"]]) for fault in found] == []
    assert overhang <= 0
    assert button["height"] >= 40
