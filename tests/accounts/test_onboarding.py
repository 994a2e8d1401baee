"""What a login brings with it."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Profile, User
from apps.accounts.onboarding import come_in
from apps.billing.ledger import grant_trial
from apps.billing.models import LedgerEntry, Wallet
from apps.billing.queries import balance
from apps.drafts.actions import DraftText, save_draft
from apps.drafts.models import DraftPrompt
from apps.notifications.models import Notification
from canvascast.funnel.models import Fact

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
    assert Fact.objects.get(kind="signed_up").detail == "code"


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


def test_first_login_brings_ten_credits_and_a_welcome_once(person):
    for _ in range(3):
        come_in(user=person, draft_token="", at=timezone.now())

    assert balance(person.pk).available == 10
    assert [n.event for n in Notification.objects.filter(user=person)] == ["welcome"]


@pytest.mark.parametrize(
    ("address", "budget", "reason"),
    [
        ("ada@mailinator.com", 5_000, "they are not given to addresses that are made to last a short time only."),
        ("eve+2@example.com", 5_000, "this mailbox had them before."),
        ("ada@example.com", 15, "today’s are all given out. They come when you log in on a day that has some left."),
    ],
)
def test_newcomer_without_welcome_credits_is_told_why(db, settings, address, budget, reason):
    settings.TRIAL_BUDGET_CREDITS = budget
    eve, newcomer = User.objects.create_user("eve@example.com"), User.objects.create_user(address)
    grant_trial(user_id=eve.pk, mailbox="eve@example.com", at=timezone.now())
    EmailAddress.objects.create(user=newcomer, email=address, verified=True, primary=True)

    told = [come_in(user=newcomer, draft_token="", at=timezone.now()).why_no_credits for _ in range(2)]

    assert told == [f"Your account starts without welcome credits: {reason}", ""]


def test_reason_for_no_welcome_credits_stands_on_the_first_page(client, code_of):
    client.post("/accounts/signup/", {"email": "ada@mailinator.com"})
    landed = client.post("/accounts/confirm-email/", {"code": code_of()}, follow=True)

    assert "Your account starts without welcome credits: they are not given to" in landed.content.decode()


def test_user_without_a_verified_address_gets_no_credits(db):
    user = User.objects.create_user("ada@example.com")

    come_in(user=user, draft_token="", at=timezone.now())

    assert balance(user.pk).available == 0


def test_when_one_part_fails_nothing_is_done_and_the_draft_still_waits(visitor, person, code_of, monkeypatch):
    monkeypatch.setattr("apps.accounts.onboarding.grant_trial", Mock(side_effect=OperationalError))
    visitor.raise_request_exception = False
    visitor.post("/accounts/login/", {"login": person.email})
    failed = visitor.post("/accounts/login/code/confirm/", {"code": code_of()})
    assert failed.status_code == 503
    assert DraftPrompt.objects.get().user is None
    assert not Notification.objects.exists()

    monkeypatch.undo()
    visitor.post("/accounts/login/", {"login": person.email})
    visitor.post("/accounts/login/code/confirm/", {"code": code_of()})
    assert DraftPrompt.objects.get().user == person
    assert balance(person.pk).available == 10


@pytest.mark.goal("S10")
def test_hundred_variants_of_one_mailbox_bring_one_trial(db):
    spellings = [
        f"{name}+{n}@{domain}"
        for n in range(10)
        for name in ("adal", "a.dal", "ad.al", "ada.l", "a.d.a.l")
        for domain in ("gmail.com", "googlemail.com")
    ]
    for spelling in spellings:
        user = User.objects.create_user(spelling)
        EmailAddress.objects.create(user=user, email=spelling, verified=True, primary=True)
        come_in(user=user, draft_token="", at=timezone.now())

    assert len(spellings) == 100
    assert LedgerEntry.objects.count() == 1
    assert sum(wallet.available for wallet in Wallet.objects.all()) == 10


def test_unknown_time_zone_is_refused(signed_in):
    answer = signed_in.post("/app/welcome", {"display_name": "Ada", "time_zone": "Mars/Olympus"})

    assert answer.status_code == 200
    assert "Select a valid choice" in answer.content.decode()
