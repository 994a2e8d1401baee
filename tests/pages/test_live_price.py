"""The price stands beside the box while somebody writes: counted only, kept nowhere, bounded per address."""

from __future__ import annotations

import pytest

from apps.drafts.models import DraftPrompt
from canvascast.api.throttles import forget_reads

pytestmark = pytest.mark.django_db

FORM = {"way": "describe", "prompt": "Why do cats purr at night?", "niche": "history", "minutes": "3", "shape": "9:16"}
PIECE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _counting_starts_anew():
    forget_reads()
    yield
    forget_reads()


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_slip_alone_answers_a_script(client):
    answer = client.post("/quote", FORM, headers=PIECE)

    assert answer.status_code == 200
    assert "<html" not in words(answer)
    assert "<strong>5 credits</strong>" in words(answer)


def test_page_with_the_slip_answers_a_browser_without_scripts(client):
    answer = client.post("/quote", FORM)

    assert answer.status_code == 200
    assert "<strong>5 credits</strong>" in words(answer)
    assert "Why do cats purr at night?</textarea>" in words(answer)


def test_script_is_counted_by_the_time_it_takes_to_say(client):
    answer = client.post(
        "/quote",
        {**FORM, "way": "script", "transcript": "Sailors trust the light of it. " * 50, "niche": "facts"},
        headers=PIECE,
    )

    assert "<strong>3 credits</strong>" in words(answer)


def test_counting_keeps_nothing(client):
    client.post("/quote", FORM)
    client.post("/quote", FORM, headers=PIECE)

    assert not DraftPrompt.objects.exists()


@pytest.mark.parametrize(
    "changed", [{"prompt": ""}, {"prompt": "cat"}, {"minutes": "99"}, {"minutes": "x"}, {"niche": "horror"}]
)
def test_what_has_no_price_yet_gets_a_line_and_no_error(client, changed):
    answer = client.post("/quote", {**FORM, **changed}, headers=PIECE)

    assert answer.status_code == 200
    assert "credits</strong>" not in words(answer)


def test_counting_too_often_says_so_and_loses_nothing(client):
    for _ in range(40):
        client.post("/quote", {}, headers=PIECE)

    piece, page = client.post("/quote", FORM, headers=PIECE), client.post("/quote", FORM)

    assert (piece.status_code, page.status_code) == (429, 429)
    assert "Counted very often from here in the last minute." in words(piece)
    assert "Why do cats purr at night?</textarea>" in words(page)


def test_address_of_the_price_opens_the_home_page(client):
    assert client.get("/quote").url == "/"
