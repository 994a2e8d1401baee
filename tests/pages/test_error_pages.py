"""What goes wrong is said in our words, with the way back."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client

from apps.drafts.models import DraftPrompt

pytestmark = pytest.mark.django_db


def test_address_that_is_not_there_is_answered_in_our_words(client):
    page = client.get("/nothing/here")

    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()


def test_form_without_its_token_keeps_nothing_and_says_what_to_do():
    page = Client(enforce_csrf_checks=True).post("/", {"prompt": "Why do cats purr at night?"})

    assert page.status_code == 403
    assert "load the page again" in page.content.decode()
    assert not DraftPrompt.objects.exists()


@pytest.mark.parametrize("template", ["400.html", "500.html"])
def test_page_for_the_worst_needs_neither_request_nor_database(template, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = render_to_string(template)

    assert '<a href="/">To the start</a>' in page


def test_operator_s_videos_are_listed_in_development_only(client, settings):
    assert client.get("/dev/videos").status_code == 404

    settings.DEBUG = True
    assert "make video PROMPT=" in client.get("/dev/videos").content.decode()
