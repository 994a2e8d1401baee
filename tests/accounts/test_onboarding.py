"""What a login brings with it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Profile, User
from apps.drafts.actions import DraftText, save_draft
from apps.drafts.models import DraftPrompt

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """A browser that holds a draft."""
    saved = save_draft(
        token="", client_address="192.0.2.1", order=DraftText(prompt="Why do cats purr?"), user=None, at=timezone.now()
    )
    client = Client()
    client.cookies[settings.DRAFT_COOKIE_NAME] = saved.token
    return client


def test_sign_up_leads_to_the_waiting_draft(visitor, code_of):
    visitor.post("/accounts/signup/", {"email": "ada@example.com"})
    answer = visitor.post("/accounts/confirm-email/", {"code": code_of()}, follow=True)

    draft = DraftPrompt.objects.get()
    assert draft.user == User.objects.get()
    assert answer.redirect_chain == [("/app/start", 302), (f"/app/new?draft={draft.pk}", 302)]
    assert visitor.cookies[settings.DRAFT_COOKIE_NAME].value == ""


def test_login_leads_to_the_waiting_draft(visitor, person, code_of):
    visitor.post("/accounts/login/", {"login": person.email})
    visitor.post("/accounts/login/code/confirm/", {"code": code_of()})

    draft = DraftPrompt.objects.get()
    assert draft.user == person
    assert visitor.get("/app/start")["Location"] == f"/app/new?draft={draft.pk}"


def test_draft_is_not_claimed_before_the_address_is_verified(visitor):
    visitor.post("/accounts/signup/", {"email": "ada@example.com"})

    assert DraftPrompt.objects.get().user is None


def test_first_login_without_a_draft_leads_to_the_welcome_page_once(client, person, code_of):
    client.post("/accounts/login/", {"login": person.email})
    client.post("/accounts/login/code/confirm/", {"code": code_of()})

    assert client.get("/app/start")["Location"] == "/app/welcome"
    answer = client.post("/app/welcome", {"display_name": "Ada", "time_zone": "Europe/Berlin"})
    assert answer["Location"] == "/app"
    assert client.get("/app/start")["Location"] == "/app"
    profile = Profile.objects.get()
    assert (profile.display_name, profile.time_zone) == ("Ada", "Europe/Berlin")


def test_welcome_page_can_be_skipped(signed_in):
    assert signed_in.post("/app/welcome", {"skip": "1"})["Location"] == "/app"
    assert signed_in.get("/app/start")["Location"] == "/app"
    assert Profile.objects.get().display_name == ""


def test_unknown_time_zone_is_refused(signed_in):
    answer = signed_in.post("/app/welcome", {"display_name": "Ada", "time_zone": "Mars/Olympus"})

    assert answer.status_code == 200
    assert "Select a valid choice" in answer.content.decode()
