"""How the page of a video asks for more, with its clock in the test's hands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.pipeline.models import Job, JobStep
from tests.browser import people
from tests.browser.films import lay_down_film
from tests.browser.states_video import running
from tests.browser.visit import Visit
from tests.workers import wait_until

_COUNT = """
  window.asked = window.answered = window.changes = 0;
  document.addEventListener("htmx:beforeSend", () => asked++);
  document.addEventListener("htmx:afterRequest", () => answered++);
  document.addEventListener("DOMContentLoaded", () =>
    new MutationObserver((seen) => (changes += seen.filter(({ target }) => target.id !== "connection").length))
      .observe(document.getElementById("main"), { subtree: true, childList: true, characterData: true }));
"""


class Watched:
    """A page that shows a video being made. Its seconds pass when the test says so."""

    def __init__(self, visit: Visit, job: Job) -> None:
        self.page, self.job = visit.page, job
        self.page.add_init_script(_COUNT)
        self.page.clock.install()
        visit.go(f"/app/videos/{job.project_id}")

    def count(self, what: str) -> int:
        return int(self.page.evaluate(what))

    def pass_second(self) -> bool:
        """Let a second pass and what was asked in it be answered; tell whether something was asked."""
        before = self.count("asked")
        self.page.clock.run_for(1000)
        wait_until(lambda: self.count("asked - answered") == 0, seconds=15, what="an answer")
        return self.count("asked") > before

    def seconds_to_next_question(self) -> int:
        return next(seconds for seconds in range(1, 100) if self.pass_second())

    def look_away(self, *, hidden: bool) -> None:
        self.page.evaluate("value => Object.defineProperty(document, 'hidden', { value, configurable: true })", hidden)

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.id"))


@pytest.fixture
def watched(visit) -> Watched:
    return Watched(visit, running(people.member(visit), ago=timedelta(seconds=2)))


def test_answer_that_nothing_changed_leaves_page_and_focus_alone(watched):
    watched.page.locator("#stop").focus()

    with watched.page.expect_response("**/progress?*") as answer:
        assert watched.seconds_to_next_question() == 2

    assert answer.value.status == 204
    assert watched.count("changes") == 0
    assert watched.focused() == "stop"


def test_change_within_a_step_lands_silently_and_focus_stays(watched):
    watched.page.locator("#stop").focus()
    Job.objects.filter(pk=watched.job.pk).update(progress=55)

    watched.seconds_to_next_question()

    expect(watched.page.locator("#progress-words")).to_have_text("55 % done")
    expect(watched.page.locator("#announcement")).to_be_empty()
    assert watched.focused() == "stop"


def test_next_step_is_announced(watched):
    JobStep.objects.filter(job=watched.job, step="images").delete()

    watched.seconds_to_next_question()

    expect(watched.page.locator("#announcement")).to_have_text("Putting the film together")


def test_page_that_nobody_looks_at_asks_every_fifteen_seconds(watched):
    watched.seconds_to_next_question()
    seen = [watched.seconds_to_next_question() for _ in range(3)]

    watched.look_away(hidden=True)
    unseen = [watched.seconds_to_next_question() for _ in range(2)]
    watched.look_away(hidden=False)

    assert (seen, watched.seconds_to_next_question()) == ([2, 2, 2], 2)
    # A question falls on one of these two, by the fraction of a second that its answer took.
    assert set(unseen) <= {15, 16}


def test_end_is_shown_in_place_and_nothing_is_asked_any_more(watched):
    link = watched.page.get_by_role("link", name="Delete this video…")
    link.focus()
    Job.objects.filter(pk=watched.job.pk).update(state="READY", finished_at=timezone.now(), progress=100)
    JobStep.objects.filter(job=watched.job).delete()
    lay_down_film(watched.job)

    with watched.page.expect_response("**/progress?*") as answer:
        watched.seconds_to_next_question()

    assert answer.value.status == 286
    expect(watched.page.locator("#player")).to_be_visible()
    expect(watched.page.locator("#announcement")).to_have_text("Your video is ready.")
    expect(link).to_be_focused()
    assert not any(watched.pass_second() for _ in range(20))
