"""The first visit, from the home page to the downloaded film, with a keyboard alone, on the whole product."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.pipeline.packaging import names
from canvascast.env import ROOT
from tests.browser.keyboard import Keyboard
from tests.browser.stack import Stack, running_stack
from tests.browser.visit import Visit

ADDRESS = "ada@example.com"
WAITS = ROOT / "var" / "journey.json"
MAKING_SECONDS = 100


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


class Journey:
    """The way of one person; what they waited for is written down."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page, self.keyboard = visit, visit.page, Keyboard(visit.page)
        self.waits: dict[str, float] = {}

    def wait(self, what: str, seen: Callable[[], object]) -> None:
        begun = time.monotonic()
        seen()
        self.waits[what] = round(time.monotonic() - begun, 2)

    def see(self, heading: str, *, after: str) -> None:
        self.wait(after, lambda: expect(self.page.get_by_role("heading", level=1)).to_have_text(heading))


def test_first_visit_leads_to_the_film_by_keyboard_alone(visitors, stack, tmp_path):
    journey = Journey(visitors.open(site=stack.url))

    say_what_it_is_about(journey)
    make_an_account(journey, stack)
    agree_to_the_price(journey)
    watch_it_being_made(journey)
    archive = download_everything(journey, tmp_path)

    with zipfile.ZipFile(archive) as package:
        assert package.testzip() is None
        assert package.read(names.VIDEO)[4:8] == b"ftyp"
    assert journey.visit.complaints == []
    WAITS.parent.mkdir(exist_ok=True)
    WAITS.write_text(json.dumps(journey.waits, indent=2) + "\n")


def say_what_it_is_about(journey: Journey) -> None:
    page, keyboard = journey.page, journey.keyboard
    journey.wait("home", lambda: journey.visit.go("/"))
    keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    keyboard.press("Enter")
    keyboard.tab_to(page.get_by_label("What should the video explain?"))
    keyboard.write("Why do cats purr at night?")
    keyboard.choose(page.locator("[name=niche][value=facts]"))
    keyboard.tab_to(page.get_by_label("Length in minutes"))
    keyboard.write("0.5")
    keyboard.choose(page.locator("[name=shape][value='1:1']"))
    journey.wait("price", lambda: expect(page.locator("#price")).to_contain_text("1 credit"))
    keyboard.tab_to(page.get_by_role("button", name="Go on with this text"))
    keyboard.press("Enter")
    journey.see("Make an account", after="gate")


def make_an_account(journey: Journey, stack: Stack) -> None:
    page, keyboard = journey.page, journey.keyboard
    expect(page.get_by_text("Your text is saved")).to_be_visible()
    keyboard.tab_to(page.locator("[name=email]"))
    keyboard.write(ADDRESS)
    keyboard.press("Enter")
    journey.see("Enter the code", after="mail")
    keyboard.tab_to(page.locator("[name=code]"))
    keyboard.write(stack.code_for(ADDRESS))
    keyboard.press("Enter")
    journey.see("New video", after="account")


def agree_to_the_price(journey: Journey) -> None:
    page, keyboard = journey.page, journey.keyboard
    expect(page.locator("#purse")).to_have_text("10 credits")
    expect(page.get_by_label("What should the video explain?")).to_have_value("Why do cats purr at night?")
    keyboard.tab_to(page.get_by_role("button", name="Make this video · 1 credit"))
    keyboard.press("Enter")
    journey.wait("making", lambda: expect(page.locator("#progress-bar")).to_be_visible())


def watch_it_being_made(journey: Journey) -> None:
    page = journey.page
    expect(page.locator("#announcement")).not_to_be_empty(timeout=30_000)
    milliseconds = 1000 * MAKING_SECONDS
    journey.wait("film", lambda: expect(page.locator("#player")).to_be_visible(timeout=milliseconds))
    expect(page.locator("#announcement")).to_have_text("Your video is ready.")
    assert page.title().startswith("✓ Ready – ")


def download_everything(journey: Journey, folder: Path) -> Path:
    journey.keyboard.tab_to(journey.page.get_by_role("link", name="Everything · ZIP"))
    with journey.page.expect_download() as started:
        journey.keyboard.press("Enter")
    archive = folder / "everything.zip"
    journey.wait("zip", lambda: started.value.save_as(archive))
    return archive
