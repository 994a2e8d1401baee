"""A text that was left before the account is found again under “New video” until a video is ordered with it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts.models import Profile
from apps.drafts.actions import DraftText, save_draft
from apps.drafts.models import DraftPrompt
from apps.drafts.options import DraftOptions
from apps.pipeline.models import Job
from tests.pages.conftest import NOW

pytestmark = pytest.mark.django_db

IDEA = "Why do cats purr at night?"


@pytest.fixture(autouse=True)
def _now(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def client(as_user, rich_owner) -> Client:
    return as_user(rich_owner)


def leave(user, prompt: str = IDEA, *, at=NOW, **options) -> str:
    order = DraftText(prompt=prompt, options=DraftOptions(**options))
    return str(save_draft(token="", client_address="192.0.2.1", order=order, user=user, at=at).draft_id)


def shown(client: Client, query: str = "") -> str:
    """The words that the form of the page is filled with."""
    return client.get(f"/app/new{query}").context["form"]["prompt"].value() or ""


def order(client: Client, prompt: str = IDEA, *, draft: str = "") -> None:
    sent = {"way": "describe", "prompt": prompt, "minutes": "2", "voice": "en-gb", "key": str(uuid.uuid4())}
    answer = client.post("/app/new", {**sent, "draft": draft, "make": "1", "agreed": "2"})
    assert answer.url == f"/app/videos/{Job.objects.latest('created_at').project_id}"


def test_text_waits_with_its_choices_its_price_and_the_way_to_an_empty_form(client, rich_owner):
    Profile.objects.create(user=rich_owner, time_zone="Europe/Berlin")
    draft = leave(rich_owner, shape="9:16", target_minutes=2)

    page = client.get("/app/new")

    words = " ".join(page.content.decode().split())
    assert "Your text from 4 May, 14:00 waits here." in words
    assert '<a href="/app/new?empty=1">Begin with an empty form</a>' in words
    assert "Make this video · 2 credits" in words
    form = page.context["form"]
    assert (form["prompt"].value(), form["shape"].value(), str(form["draft"].value())) == (IDEA, "9:16", draft)


@pytest.mark.slow
def test_newest_text_waits_first(client, rich_owner):
    leave(rich_owner, "How do bees find their way home?", at=NOW - timedelta(minutes=1))
    leave(rich_owner)

    assert shown(client) == IDEA


@pytest.mark.slow
@pytest.mark.parametrize("query", ["?empty=1", "?example=nothing", "?draft="])
def test_link_to_an_empty_form_stays_one(client, rich_owner, query):
    leave(rich_owner)

    assert shown(client, query) == ""
    assert "waits here" not in client.get(f"/app/new{query}").content.decode()


@pytest.mark.slow
def test_example_and_draft_stay_what_the_link_names(client, rich_owner):
    first = leave(rich_owner, "How do bees find their way home?")
    leave(rich_owner)

    assert shown(client, f"?draft={first}") == "How do bees find their way home?"
    assert shown(client, "?example=history") not in ("", IDEA)


def test_text_of_a_video_that_was_ordered_waits_no_longer(client, rich_owner):
    draft = leave(rich_owner)

    order(client, draft=draft)

    assert shown(client) == ""
    assert shown(client, f"?draft={draft}") == IDEA


@pytest.mark.slow
def test_text_that_was_changed_before_it_was_ordered_waits_no_longer(client, rich_owner):
    draft = leave(rich_owner)

    order(client, "Why do dogs bark at night?", draft=draft)

    assert shown(client) == ""


@pytest.mark.slow
def test_text_that_was_typed_anew_waits_no_longer(client, rich_owner):
    leave(rich_owner)

    order(client)

    assert shown(client) == ""


@pytest.mark.slow
def test_text_waits_on_while_another_video_is_ordered(client, rich_owner):
    leave(rich_owner)

    order(client, "Why do dogs bark at night?")

    assert shown(client) == IDEA


@pytest.mark.slow
def test_text_waits_on_when_its_video_cannot_be_paid(as_user, owner):
    draft, client = leave(owner), as_user(owner)

    sent = {"way": "describe", "prompt": IDEA, "minutes": "2", "voice": "en-gb", "draft": draft}
    answer = client.post("/app/new", {**sent, "make": "1", "agreed": "2"})

    assert answer.status_code == 402
    assert shown(client) == IDEA


def test_text_of_somebody_else_is_neither_shown_nor_taken_away(client, stranger):
    draft = leave(stranger)

    order(client, draft=draft)

    assert shown(client, "?empty=1") == ""
    assert DraftPrompt.objects.get().ordered_at is None


@pytest.mark.slow
def test_missing_recording_of_a_waiting_text_is_said_on_the_slip_alone(client, rich_owner):
    text = DraftText(transcript="Sailors trust its light.", options=DraftOptions(voice_id="recording.en"))
    save_draft(token="", client_address="192.0.2.1", order=text, user=rich_owner, at=NOW)

    page = client.get("/app/new")

    assert page.context["sheet"].slip.missing
    assert "Please look at this again" not in page.content.decode()


@pytest.mark.slow
def test_page_with_a_waiting_text_takes_few_queries(client, rich_owner, django_assert_max_num_queries):
    leave(rich_owner)

    with django_assert_max_num_queries(12):
        client.get("/app/new")
