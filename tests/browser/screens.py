"""`make screens`: a picture of every page in every state, and of every letter, in var/screens."""

from __future__ import annotations

import pytest

from canvascast.env import ROOT
from tests.browser.letters import LETTERS, opened
from tests.browser.letters import LOOKS as LETTER_LOOKS
from tests.browser.states import LOOKS

FOLDER = ROOT / "var" / "screens"


# A picture of the whole page has what a reader would have scrolled to.
_WHOLE = """() => Promise.all([document.fonts.ready, ...[...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => {});
})])"""


@pytest.mark.parametrize(("state", "width", "theme"), [pytest.param(*look, id=look.name) for look in LOOKS])
def test_page_is_pictured(visitors, state, width, theme):
    visit = visitors.open(width=width, theme=theme)

    assert state.arrive(visit) == state.status
    visit.page.evaluate(_WHOLE)
    visit.page.screenshot(path=FOLDER / f"{state.name}-{width}-{theme}.png", full_page=True)


@pytest.mark.parametrize(("width", "theme"), LETTER_LOOKS)
@pytest.mark.parametrize("name", LETTERS)
def test_letter_is_pictured(browser, name, width, theme):
    with opened(browser, name, width, theme) as page:
        page.screenshot(path=FOLDER / f"letter-{name}-{width}-{theme}.png", full_page=True)
