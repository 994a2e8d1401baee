"""What goes wrong is said in our words: what happened, what was kept, what it cost, what to do."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import path

from apps.accounts.models import User
from apps.drafts.models import DraftPrompt
from canvascast import urls as site

pytestmark = pytest.mark.django_db
SENT_BY_OURS = {"Origin": "http://testserver"}
PROMPT = "Why do cats purr at night?"


def breaks(request):
    raise ZeroDivisionError("canary")


urlpatterns = [path("breaks", breaks), *site.urlpatterns]
handler500 = site.handler500


@pytest.fixture(autouse=True)
def _fresh_limits():
    yield
    cache.clear()


def words(answer) -> str:
    """The text of the page's main part on one line, as a screen reader has it."""
    main = answer.content.decode().partition('<main id="main"')[2].partition(">")[2].partition("</main>")[0]
    heard = re.sub(r'<div class="lost-frame" aria-hidden="true">.*?</div>', "", main, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", heard).split())


def test_address_that_is_not_there_is_answered_with_the_way_back(client):
    page = client.get("/nothing/here")

    assert page.status_code == 404
    assert words(page) == (
        "There is nothing here The address is wrong, or what was here is deleted or belongs to somebody else. "
        "If you have another account, it may be there. To the start"
    )


def test_signed_in_reader_of_a_missing_page_is_led_to_their_videos(client):
    client.force_login(User.objects.create_user("owner@example.com"))

    page = client.get("/nothing/here")

    assert 'href="/app"' in page.content.decode().partition("<main")[2]
    assert page["Cache-Control"] == "no-store"


def test_form_without_its_token_changes_nothing_and_gives_back_what_was_typed():
    visitor = Client(enforce_csrf_checks=True, headers=SENT_BY_OURS)

    page = visitor.post("/", {"prompt": PROMPT, "password": "canary", "niche": "facts"})

    assert page.status_code == 403
    assert f">{PROMPT}</textarea>" in page.content.decode()
    assert "canary" not in page.content.decode()
    assert "Nothing was changed and nothing was charged." in words(page)
    assert not DraftPrompt.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}])
def test_form_from_elsewhere_puts_no_words_on_our_page(headers):
    page = Client(enforce_csrf_checks=True, headers=headers).post("/", {"prompt": PROMPT})

    assert page.status_code == 403
    assert PROMPT not in page.content.decode()
    assert "Go back, load the page again, and send it once more." in words(page)


def test_what_was_typed_is_given_back_as_text():
    visitor = Client(enforce_csrf_checks=True, headers=SENT_BY_OURS)

    page = visitor.post("/", {"transcript": "</textarea><script>alert(1)</script>"})

    assert "&lt;/textarea&gt;&lt;script&gt;" in page.content.decode()


def test_page_that_is_not_open_to_somebody(client):
    client.force_login(User.objects.create_user("owner@example.com"))

    page = client.get("/admin/login/?next=/admin/")

    assert page.status_code == 403
    assert words(page).startswith("This is not open to you The page is there, and your account may not use it.")


def test_body_that_is_too_large_is_refused_on_a_page_with_every_header(client):
    page = client.post("/", data=b"x" * 1_000_001, content_type="application/x-www-form-urlencoded")

    assert page.status_code == 413
    assert words(page).startswith("That is too large Here at most 1 MB are taken. Nothing was kept of it, and nothing")
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


@override_settings(ROOT_URLCONF=__name__)
def test_bug_is_ours_and_has_a_reference_and_no_reason(client, django_assert_num_queries):
    client.raise_request_exception = False

    with django_assert_num_queries(0):
        page = client.get("/breaks")

    assert page.status_code == 500
    assert f"<code>{page['X-Trace-Id']}</code>" in page.content.decode()
    assert "canary" not in page.content.decode()
    assert words(page).startswith("Something went wrong on our side We have been told. What was saved before is")


@pytest.mark.parametrize("template", ["400.html", "413.html", "500.html", "503.html", "pages/offline.html"])
def test_page_for_the_worst_needs_neither_request_nor_database(template, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = render_to_string(template)

    assert '<a class="button" href="/">To the start</a>' in page
    assert "Log in" not in page


def test_page_for_no_connection_is_the_same_for_everybody(client, django_assert_num_queries):
    nobody = client.get("/offline").content
    client.force_login(User.objects.create_user("owner@example.com"))

    with django_assert_num_queries(0):
        assert client.get("/offline").content == nobody


def test_operator_s_videos_are_listed_in_development_only(client, settings):
    assert client.get("/dev/videos").status_code == 404

    settings.DEBUG = True
    assert "make video PROMPT=" in client.get("/dev/videos").content.decode()
