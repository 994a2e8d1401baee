"""The home page keeps what a visitor typed and takes them on."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from apps.drafts.actions import claim_draft
from apps.drafts.cookies import token_in
from apps.drafts.models import DraftPrompt
from apps.drafts.presets import PRESETS, examples_of

pytestmark = pytest.mark.django_db

IDEA = "Why do cats purr at night?"
FORM = {"way": "describe", "prompt": IDEA, "niche": "science", "minutes": "2", "shape": "9:16"}


def test_page_opens_for_everybody_without_a_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/")

    assert page.status_code == 200
    assert "What should the video explain?" in page.content.decode()
    assert '<link rel="icon" href="/static/icon.svg"' in page.content.decode()


def test_visitor_s_text_is_kept_and_they_go_on_to_sign_up(client):
    answer = client.post("/", FORM)

    draft = DraftPrompt.objects.get()
    assert answer.status_code == 302
    assert answer.url == "/accounts/signup/"
    assert (draft.prompt, draft.user, draft.options) == (
        IDEA,
        None,
        {"nichePreset": "science", "targetMinutes": 2.0, "shape": "9:16"},
    )


def test_cookie_is_closed_to_scripts_and_other_sites(client):
    cookie = client.post("/", FORM).cookies[settings.DRAFT_COOKIE_NAME]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == 7 * 24 * 3600


def test_signed_in_user_goes_on_to_the_create_page(as_user, owner):
    answer = as_user(owner).post("/", FORM)

    draft = DraftPrompt.objects.get()
    assert draft.user == owner
    assert answer.url == f"/app/new?draft={draft.pk}"
    assert settings.DRAFT_COOKIE_NAME not in answer.cookies


def test_draft_survives_to_the_create_page_after_login(client, owner):
    answer = client.post("/", FORM)
    claim_draft(token=client.cookies[settings.DRAFT_COOKIE_NAME].value, user=owner, at=timezone.now())
    client.force_login(owner)

    page = client.get(f"/app/new?draft={DraftPrompt.objects.get().pk}").content.decode()

    assert answer.status_code == 302
    assert f"{IDEA}</textarea>" in page
    assert '<input type="radio" name="shape" value="9:16" id="id_shape_1" checked>' in page
    assert 'name="minutes" value="2"' in page


def test_coming_back_shows_the_kept_text(client):
    client.post("/", FORM)

    assert f"{IDEA}</textarea>" in client.get("/").content.decode()


def test_kept_text_says_until_when_this_device_has_it(client):
    client.post("/", FORM)

    assert "Saved on this device until" in client.get("/").content.decode()


def test_without_a_kept_text_nothing_is_said_of_one(client):
    assert "Saved on this device" not in client.get("/").content.decode()


def test_three_examples_of_the_day_are_buttons_that_work_without_scripts(client):
    page = client.get("/").content.decode()

    assert page.count('form="examples"') == page.count('class="starter"') == 3


def test_every_example_has_its_day():
    days = [date(2026, 5, day) for day in (4, 5)]

    assert sorted(preset.slug for day in days for preset in examples_of(day)) == sorted(p.slug for p in PRESETS)


def test_example_fills_the_box_and_chooses_its_kind(client):
    initial = client.get("/?example=finance").context["form"].initial

    assert initial == {"prompt": "How compound interest turns small savings into large ones", "niche": "finance"}


def test_sample_brings_its_script(client):
    initial = client.get("/?sample=science").context["form"].initial

    assert (initial["way"], initial["niche"]) == ("script", "science")
    assert initial["transcript"].startswith("A star begins as a cloud")


@pytest.mark.parametrize("name", ["example", "sample"])
@pytest.mark.parametrize("value", ["", "0", "horror", "Science", "\x00"])
def test_link_to_what_is_not_there_fills_nothing(client, name, value):
    assert client.get("/", {name: value}).context["form"].initial == {}


def test_error_summary_gets_the_focus(client):
    page = client.post("/", {**FORM, "prompt": "short"}).content.decode()

    assert '<div class="error-summary" role="alert" tabindex="-1" autofocus>' in page
    assert '<a href="#id_prompt">' in page


def test_script_is_kept_as_a_script(client):
    client.post("/", {**FORM, "way": "script", "transcript": "Sailors trust its light."})

    draft = DraftPrompt.objects.get()
    assert (draft.prompt, draft.transcript) == ("", "Sailors trust its light.")


def test_text_in_the_other_field_counts_when_the_chosen_one_is_empty(client):
    client.post("/", {**FORM, "way": "script", "transcript": ""})

    draft = DraftPrompt.objects.get()
    assert (draft.prompt, draft.transcript) == (IDEA, "")


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"prompt": "short"}, "prompt", "The description is too short: please write at least 10 characters."),
        ({"prompt": "x" * 5_001}, "prompt", "The description has 5,001 characters; 5,000 is the most. Please"),
        ({"way": "script", "prompt": "", "transcript": "short"}, "transcript", "The script is too short: please"),
        ({"way": "script", "prompt": "", "transcript": " "}, "transcript", "Please paste your script, at least 10"),
        ({"niche": "horror"}, "niche", "Please choose one of these."),
        ({"shape": "<b>"}, "shape", "Please choose one of these."),
        ({"minutes": "31"}, "minutes", "Please give a number from 0.5 to 30."),
        ({"minutes": "nan"}, "minutes", "Please give a number from 0.5 to 30."),
        ({"minutes": "0,5"}, "minutes", "Please give a number from 0.5 to 30."),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_lost(client, changed, field, sentence):
    page = client.post("/", {**FORM, **changed})

    assert page.status_code == 400
    assert sentence in page.context["form"].errors[field][0]
    assert (changed.get("prompt", IDEA) or changed["transcript"].strip()) in page.content.decode()
    assert not DraftPrompt.objects.exists()


def test_text_of_the_longest_script_is_taken(client):
    answer = client.post("/", {**FORM, "way": "script", "transcript": "漢" * 50_000})

    assert answer.status_code == 302
    assert len(DraftPrompt.objects.get().transcript) == 50_000


def test_eleventh_draft_says_when_to_come_back(client):
    for _ in range(10):
        client.post("/", FORM)

    page = client.post("/", FORM)

    assert page.status_code == 429
    assert 3590 <= int(page["Retry-After"]) <= 3600
    assert "Please try again in 60 minutes." in page.content.decode()
    assert IDEA in page.content.decode()


def test_hostile_text_is_escaped(client):
    client.post("/", {**FORM, "prompt": "</textarea><script>alert(1)</script> about cats"})

    assert "<script>alert" not in client.get("/").content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)(reverse("drafts:home")).status_code == 405


def test_token_is_read_from_its_cookie_only(client, rf):
    request = rf.get("/", {settings.DRAFT_COOKIE_NAME: "from the query"})

    assert token_in(request) == ""
