"""The way to a video being made in a browser that runs no scripts."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from apps.pipeline.models import Job

# The page loads itself anew every four seconds.
REFRESH_MILLISECONDS = 12_000


@pytest.mark.slow
def test_video_is_ordered_and_watched_without_scripts(visitors):
    visit = visitors.open(java_script_enabled=False)
    page = visit.page

    visit.go("/")
    page.get_by_label("What should the video explain?").fill("Why do cats purr at night?")
    page.get_by_label("Length in minutes").fill("0.5")
    page.get_by_role("button", name="Count the price").click()
    expect(page.locator("#price")).to_contain_text("1 credit")
    page.get_by_role("button", name="Go on with this text").click()
    page.locator("[name=email]").fill("without.scripts@example.com")
    page.get_by_role("button", name="Mail me a code").click()
    page.locator("[name=code]").fill(mailed_code())
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Make this video · 1 credit").click()

    expect(page.locator("#progress-words")).to_have_text("0 % done")
    job = Job.objects.get(user__email="without.scripts@example.com")
    assert (job.brief["target_minutes"], job.price, visit.path()) == (0.5, 1, f"/app/videos/{job.project_id}")
    Job.objects.filter(pk=job.pk).update(progress=40)
    expect(page.locator("#progress-words")).to_have_text("40 % done", timeout=REFRESH_MILLISECONDS)
    page.get_by_role("button", name="Stop now and get 1 credit back").click()
    expect(page.locator("#ending")).to_contain_text("You stopped this video.")
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)


def mailed_code() -> str:
    found = re.search(r"^[0-9A-Z]{3,8}(?:-[0-9A-Z]{3,8})?$", mail.outbox[-1].body, re.MULTILINE)
    assert found is not None, mail.outbox[-1].body
    return found[0]
