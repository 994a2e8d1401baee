"""What anybody may read."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.django_db


def privacy(client) -> str:
    return words_at(client, "/privacy")


def words_at(client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/help", "Help"),
        ("/terms", "Terms"),
        ("/privacy", "Privacy"),
        ("/status", "Status"),
        ("/offline", "No connection"),
        ("/pricing", "Pricing"),
    ],
)
def test_public_page_has_one_heading_and_its_title_says_it_first(client, path, heading):
    page = client.get(path).content.decode()

    assert re.findall(r"<h1[^>]*>\s*(.*?)\s*</h1>", page) == [heading]
    assert re.search(r"<title>\s*(.*?)\s*</title>", page, re.DOTALL)[1].split(" – ")[0] == heading


def test_privacy_says_for_how_long_backups_are_kept(client, settings):
    settings.BACKUP_DAYS = 9

    assert "A copy of all this is made every night, so that nothing is lost with a machine, and kept for 9 days." in (
        privacy(client)
    )


def test_privacy_names_no_backups_where_there_are_none(client, settings):
    settings.BACKUP_DAYS = 0

    assert "<dt>Exports</dt>" in privacy(client)
    assert "<dt>Backups</dt>" not in privacy(client)


def test_privacy_says_for_how_long_news_about_codes_and_unconfirmed_accounts_are_kept(client):
    page = privacy(client)

    assert "of codes and of news about your account’s safety only whether they arrived, for 30 days." in page
    assert "One whose address was never confirmed goes after 7 days." in page


def test_what_is_said_of_a_main_character_s_picture_names_who_keeps_it_and_who_sees_it(client, settings):
    settings.PROVIDERS = {**settings.PROVIDERS, "painter": "gemini"}

    page = privacy(client)

    assert "as you read it, and the picture of your main character, if you add one." in page
    assert "the picture of your main character, if you add one, is sent to: gemini." in page
    assert "a recording or a picture that you add to it, are sent to these services" in words_at(client, "/help")


def test_contents_of_the_help_name_every_section(client):
    page = client.get("/help").content.decode()

    assert re.findall(r'<li><a href="#([\w-]+)">', page) == re.findall(r'<h2 id="([\w-]+)">', page)[1:]
