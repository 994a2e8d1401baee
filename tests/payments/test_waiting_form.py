"""A form whose credits are missing waits as it is: text, choices and all, while its user buys some."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from apps.drafts.actions import DraftText, save_draft
from apps.drafts.models import DraftPrompt

SENT = {
    "way": "script",
    "prompt": "",
    "transcript": "Cats purr at night. Nobody knows why.",
    "title": "On purring",
    "niche": "science",
    "minutes": "1",
    "shape": "9:16",
    "voice": "en-gb",
    "speed": "1.2",
    "pace": "slow",
    "captions": "karaoke",
    "position": "top",
    "music": "ambient",
    "titles": "on",
    "seed": "7",
    "buy": "1",
}


@pytest.fixture
def client(buyer) -> Client:
    client = Client()
    client.force_login(buyer)
    return client


def test_the_form_is_as_it_was_on_the_way_back(shop, buyer, client):
    voice = next(iter(client.get("/app/new").context["form"].fields["voice"].choices))[1][0][0]
    sent = {**SENT, "voice": voice}

    gone = client.post("/app/new", sent)

    assert gone.status_code == 302
    back = parse_qs(urlsplit(gone["Location"]).query)["back"][0]
    assert DraftPrompt.objects.get().user == buyer
    form = client.get(back).context["form"]
    shown = {name: form[name].value() for name in sent if name not in ("buy", "titles")}
    assert {name: str(value) for name, value in shown.items()} == {name: sent[name] for name in shown}
    assert form["titles"].value()


@pytest.mark.slow
def test_form_that_is_kept_again_is_kept_in_its_place_and_waits_until_it_is_ordered(shop, buyer, client):
    voice = next(iter(client.get("/app/new").context["form"].fields["voice"].choices))[1][0][0]
    client.post("/app/new", {**SENT, "voice": voice})
    draft = DraftPrompt.objects.get()

    gone = client.post("/app/new", {**SENT, "voice": voice, "draft": str(draft.pk), "title": "On purring at night"})

    assert parse_qs(urlsplit(gone["Location"]).query)["back"] == [f"/app/new?draft={draft.pk}"]
    assert DraftPrompt.objects.get().options["title"] == "On purring at night"
    assert client.get("/app/new").context["form"]["title"].value() == "On purring at night"


@pytest.mark.slow
def test_form_is_kept_whatever_visitors_keep_at_the_same_address(shop, client):
    voice = next(iter(client.get("/app/new").context["form"].fields["voice"].choices))[1][0][0]
    text = DraftText("Why do cats purr at night?")
    for _ in range(10):
        save_draft(token="", client_address="127.0.0.1", order=text, user=None, at=timezone.now())

    assert client.post("/app/new", {**SENT, "voice": voice}).status_code == 302


def test_without_payments_there_is_no_such_button(buyer, client):
    assert "Buy credits" not in client.post("/app/new", {**SENT, "buy": "", "price": "1"}).content.decode()


def test_an_empty_wallet_is_offered_credits(shop, client):
    page = client.post("/app/new", {name: value for name, value in SENT.items() if name not in ("buy", "voice")})

    assert "Buy credits for this video" in page.content.decode()
