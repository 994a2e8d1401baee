"""Everything that a look at a page can find wrong with it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.visit import Visit

_SCRIPT = Path(__file__).with_suffix(".js")
# Off by default in axe; without its own look at style sheets, which no rule of these needs.
_AXE = {"resultTypes": ["violations"], "preload": False, "rules": {"target-size": {"enabled": True}}}


def faults(visit: Visit) -> list[str]:
    """Return what is wrong with the page that the window shows, in sentences."""
    page = visit.page
    page.evaluate(_script())
    found = [f"axe: {fault}" for fault in _axe(page)]
    for look in ("frame", "sideways", "targets", "covered"):
        found += page.evaluate(f"audit.{look}()")
    page.evaluate("audit.space()")
    found += [f"with text spacing: {fault}" for fault in page.evaluate("audit.sideways()")]
    return found + visit.complaints


def _axe(page: Page) -> list[str]:
    answer = Axe().run(page, options=_AXE).response
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


@cache
def _script() -> str:
    return _SCRIPT.read_text()
