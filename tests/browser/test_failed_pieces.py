"""A piece of a page that could not be had: it is said, and what stands in the page stays."""

from __future__ import annotations

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser import people

pytestmark = pytest.mark.slow

FAILED = "That did not work just now. Nothing was changed."


@pytest.fixture
def form(visit):
    """The page of a new video, with a text in it whose price was counted."""
    people.member(visit, credits=3)
    visit.go("/app/new")
    page = visit.page
    page.get_by_label("What should the video explain?").fill("Why do cats purr at night?")
    expect(page.locator("#price-line")).to_contain_text("credit")
    return page


def test_answer_that_broke_is_said_and_taken_back_by_the_next(form):
    form.route("**/app/new", lambda route: route.fulfill(status=500, content_type="text/html", body="<p>Broken</p>"))
    form.locator("[name=title]").fill("Purring")
    expect(form.locator("#connection")).to_have_text(FAILED)
    expect(form.locator("#connection")).to_be_visible()

    form.unroute("**/app/new")
    form.locator("[name=title]").fill("Purring at night")

    expect(form.locator("#connection")).to_be_hidden()


def test_refusal_that_is_a_whole_page_does_not_land_in_the_piece(form):
    form.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)

    form.get_by_role("button", name="Hear it say your first sentence").click()

    expect(form.locator("#connection")).to_have_text(FAILED)
    expect(form.locator("#heard")).to_be_empty()
    expect(form).to_have_title("New video – CanvasCast")
