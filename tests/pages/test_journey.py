"""From the home page to a video in the making, as a new customer goes."""

from __future__ import annotations

import re

import pytest

from apps.accounts.models import User
from apps.pipeline.models import Job
from tests.accounts.conftest import code_of
from tests.pages.conftest import give

__all__ = ["code_of"]

pytestmark = pytest.mark.django_db


def test_visitor_types_signs_up_agrees_to_the_price_and_the_video_is_made(client, code_of):
    client.post("/", {"prompt": "Why do cats purr at night?", "niche": "science", "minutes": "2", "shape": "1:1"})
    client.post("/accounts/signup/", {"email": "ada@example.com"})
    page = client.post("/accounts/confirm-email/", {"code": code_of()}, follow=True)
    give(User.objects.get(), 2)

    answer = client.post("/app/new", {**_sent_by_a_browser(page), "make": "1"})

    job = Job.objects.get()
    assert answer.url == f"/app/videos/{job.project_id}"
    assert (job.brief["prompt"], job.brief["niche_preset"], job.brief["shape"], job.price) == (
        "Why do cats purr at night?",
        "science",
        "1:1",
        2,
    )


def _sent_by_a_browser(page) -> dict[str, str]:
    """What a browser would send when the button is pressed at once: the form's values and the price in the page."""
    form = page.context["form"]
    agreed = re.search(r'name="agreed" value="(\d+)"', page.content.decode())
    assert agreed is not None
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)} | {"agreed": agreed.group(1)}
