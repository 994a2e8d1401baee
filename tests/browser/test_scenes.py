"""Scenes changed by keyboard, and in a browser that runs no scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.pipeline.models import Job
from tests.browser import people
from tests.browser.keyboard import Keyboard
from tests.browser.states_video import ready

pytestmark = pytest.mark.slow


def test_scene_is_changed_by_keyboard_and_the_slip_follows(visit):
    job = ready(people.member(visit, credits=3))
    page, keyboard = visit.page, Keyboard(visit.page)
    visit.go(f"/app/videos/{job.project_id}")

    keyboard.tab_to(page.get_by_role("link", name="Edit scenes"))
    keyboard.press("Enter")
    keyboard.tab_to(page.get_by_label("Words, scene 2"))
    keyboard.write("A purr is made slowly, in the throat.")
    expect(page.locator("#remake-line")).to_contain_text("1 scene · 1 credit to make")
    expect(page.get_by_label("Words, scene 2")).to_be_focused()
    keyboard.tab_to(page.get_by_label("Draw a new picture, scene 3"))
    keyboard.press("Space")
    expect(page.locator("#remake-line")).to_contain_text("2 scenes · 1 credit to make")
    keyboard.tab_to(page.get_by_role("button", name="Remake 2 scenes · 1 credit"))
    keyboard.press("Enter")

    expect(page.locator("#progress-words")).to_have_text("0 % done")
    assert visit.path() == f"/app/videos/{job.project_id}"
    again = Job.objects.filter(project_id=job.project_id).latest("created_at")
    assert (again.changed_scenes, again.reserved) == (2, 1)
    assert visit.complaints == []


def test_scene_is_changed_without_scripts(visitors):
    visit = visitors.open(java_script_enabled=False)
    job = ready(people.member(visit, credits=3))
    page = visit.page
    visit.go(f"/app/videos/{job.project_id}/scenes")

    page.get_by_label("Words, scene 2").fill("A purr is made slowly, in the throat.")
    page.get_by_role("button", name="Show the price").click()
    expect(page.locator("#remake-line")).to_contain_text("1 scene · 1 credit to make")
    page.get_by_label("Draw a new picture, scene 3").check()
    page.get_by_role("button", name="Remake 1 scene · 1 credit").click()

    expect(page.locator("#progress-words")).to_have_text("0 % done")
    assert Job.objects.filter(project_id=job.project_id).latest("created_at").changed_scenes == 2
