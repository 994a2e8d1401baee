"""A state of a page: its name and how a window gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.visit import Visit

# Leads the window there and returns what the page answered.
Arrival = Callable[[Visit], int]


@dataclass(frozen=True)
class State:
    name: str
    arrive: Arrival
    status: int = 200


def at(path: str) -> Arrival:
    """For a page that is the same for everybody who opens its address."""
    return lambda visit: visit.go(path)


def sent(visit: Visit, button: str) -> int:
    """Press the button of that name and return what the page that follows answered."""
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name=button, exact=True).click()
    return visit.page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus")
