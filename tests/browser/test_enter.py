"""Enter in a field does the least that the form can do, whichever button comes first on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.pipeline.models import Job
from tests.browser import people
from tests.browser.states_video import ready

pytestmark = pytest.mark.slow


def test_enter_on_the_create_page_counts_the_price_and_makes_nothing(visit):
    user, page = people.member(visit, credits=3), visit.page
    visit.go("/app/new")
    page.get_by_label("What should the video explain?").fill("Why do cats purr at night?")
    expect(page.get_by_role("button", name="Make this video")).to_be_visible()

    page.locator("[name=title]").press("Enter")

    expect(page.get_by_role("heading", name="Your video")).to_be_focused()
    assert visit.path() == "/app/new"
    assert len(page.context.pages) == 1
    assert not Job.objects.filter(user=user).exists()


def test_enter_on_the_page_of_scenes_counts_the_price_and_orders_nothing(visit):
    job, page = ready(people.member(visit, credits=3)), visit.page
    visit.go(f"/app/videos/{job.project_id}/scenes")
    page.get_by_label("Draw a new picture, scene 3").check()
    expect(page.get_by_role("button", name="Remake 1 scene")).to_be_visible()

    page.get_by_label("Draw a new picture, scene 3").press("Enter")

    expect(page.get_by_role("heading", name="Unmade changes")).to_be_focused()
    assert Job.objects.filter(project_id=job.project_id).count() == 1


@pytest.mark.parametrize("path", ["/", "/presets/history"])
def test_enter_where_a_video_is_begun_goes_on_with_the_text(visit, path):
    page = visit.page
    visit.go(path)
    page.get_by_label("What should the video explain?").fill("Why do cats purr at night?")

    page.get_by_label("Length in minutes").press("Enter")

    expect(page.get_by_role("heading", name="Make an account")).to_be_visible()
