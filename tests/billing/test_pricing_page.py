"""What the public page says is what is charged."""

from __future__ import annotations

import re

import pytest

from apps.billing.prices import kept_on_stop, price_of_scenes, price_of_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client) -> str:
    return client.get("/pricing").content.decode()


def table(page: str, heading: str) -> list[list[str]]:
    """The cells of the table below the heading with that id."""
    section = page.partition(f'id="{heading}"')[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", section.partition("<tbody>")[2], re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


def test_prices_of_lengths_are_those_that_are_charged(page):
    minutes = {"30 seconds": 0.5, "1 minute": 1, "1 min 30 s": 1.5, "3 minutes": 3, "5 minutes": 5, "10 minutes": 10}

    assert table(page, "lengths") == [
        [
            words,
            str(price_of_video(minutes=length, niche="facts")),
            str(price_of_video(minutes=length, niche="history")),
        ]
        for words, length in minutes.items()
    ]


def test_prices_are_the_published_ones(page):
    assert table(page, "lengths") == [
        ["30 seconds", "1", "1"],
        ["1 minute", "1", "2"],
        ["1 min 30 s", "2", "3"],
        ["3 minutes", "3", "5"],
        ["5 minutes", "5", "8"],
        ["10 minutes", "10", "15"],
    ]


def test_prices_of_changes_are_those_that_are_charged(page):
    changed = {"1 scene": 1, "5 scenes": 5, "6 scenes": 6, "12 scenes": 12}

    assert table(page, "scenes") == [[words, str(price_of_scenes(number))] for words, number in changed.items()]


def test_stopping_keeps_what_the_page_says(page):
    done = ([], ["script"], ["script", "voice"], ["script", "voice", "images"])
    kept = [kept_on_stop(price=10, finished_steps=steps) for steps in done]

    assert [row[1:] for row in table(page, "stopping")] == [[str(credits), str(10 - credits)] for credits in kept]


def test_welcome_credits_are_those_of_the_settings(client, settings):
    settings.TRIAL_CREDITS = 17

    assert "17 welcome credits" in client.get("/pricing").content.decode()


def test_nothing_is_offered_that_cannot_be_bought(page):
    assert "Credits cannot be bought here yet." in page
    assert not re.search(r"[$€£]|checkout|subscri", page)


def test_page_costs_a_visitor_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/pricing")
