"""The first visit, from the home page to the downloaded film, with a keyboard alone, on the whole product."""

from __future__ import annotations

import json
import re
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
POOR_ADDRESS = "ada@mailinator.com"
SCRIPT = "Cats purr at night. Nobody knows quite why they do it."
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


@pytest.mark.slow
def test_an_empty_wallet_is_filled_on_the_way_to_the_film(visitors, stack):
    """Throw-away addresses get no welcome credits, so this visitor begins with none."""
    journey = Journey(visitors.open(site=stack.url))
    page = journey.page
    journey.visit.go("/")
    page.locator("[name=way][value=script]").check()
    page.get_by_label("Your script, narrated word for word").fill(SCRIPT)
    page.get_by_role("button", name="Go on with this text").click()
    journey.see("Make an account", after="gate")
    make_an_account(journey, stack, POOR_ADDRESS)
    expect(page.locator("#purse")).to_have_text("0 credits")

    page.get_by_role("button", name="Buy credits for this video").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Credits")
    page.get_by_role("button", name="Buy 10 credits · $9").click()
    expect(page).to_have_url(re.compile(re.escape(stack.stripe.url)))
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_text("Nothing was charged.")).to_be_visible()
    page.get_by_role("button", name="Buy 10 credits · $9").click()
    page.get_by_label("Email").fill(POOR_ADDRESS)
    page.get_by_role("button", name="Pay", exact=True).click()
    journey.wait("credits", lambda: expect(page.locator("#arrival")).to_contain_text("+10 credits", timeout=30_000))

    page.get_by_role("link", name="Go on with your video").click()
    expect(page.get_by_label("Your script, narrated word for word")).to_have_value(SCRIPT)
    page.get_by_role("button", name="Make this video · 1 credit").click()
    expect(page.locator("#player")).to_be_visible(timeout=1000 * MAKING_SECONDS)

    journey.visit.go("/app/credits")
    expect(page.locator(".balance").first).to_have_text("9 credits")
    expect(page.locator(".receipts")).to_contain_text("Starter pack · 10 credits")
    assert stack.place.query("SELECT count(*) FROM payments") == [(1,)]
    # Not what the pages of the other site lack.
    assert [complaint for complaint in journey.visit.complaints if stack.stripe.url not in complaint] == []


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


def make_an_account(journey: Journey, stack: Stack, address: str = ADDRESS) -> None:
    page, keyboard = journey.page, journey.keyboard
    expect(page.get_by_text("Your text is saved")).to_be_visible()
    keyboard.tab_to(page.locator("[name=email]"))
    keyboard.write(address)
    keyboard.press("Enter")
    journey.see("Enter the code", after="mail")
    keyboard.tab_to(page.locator("[name=code]"))
    keyboard.write(stack.code_for(address))
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
