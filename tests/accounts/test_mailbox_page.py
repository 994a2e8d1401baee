"""In development a newcomer reads the code on a page; in production there is no such page."""

from __future__ import annotations

import pytest
from django.core import mail

from apps.accounts.kept_mail import mails_in


@pytest.fixture
def mailbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = settings.MAILBOX_DIR = tmp_path
    return tmp_path


def test_page_shows_the_code(client, db, settings, mailbox):
    settings.DEBUG = True
    client.post("/accounts/signup/", {"email": "ada@example.com"})

    code = mails_in(mailbox)[0].subject.split()[0]
    page = client.get("/dev/mailbox").content.decode()

    assert "ada@example.com" in page
    assert f"{code}\n" in page
    assert client.post("/accounts/confirm-email/", {"code": code}).status_code == 302


def test_newest_mail_comes_first_and_markup_is_shown_as_text(client, settings, mailbox):
    settings.DEBUG = True
    with mail.get_connection() as connection:
        for subject in ("first", "<b>second</b>"):
            mail.EmailMessage(subject, "Grüße", "a@example.com", ["b@example.com"], connection=connection).send()

    page = client.get("/dev/mailbox").content.decode()

    assert page.index("&lt;b&gt;second") < page.index("first")
    assert "Grüße" in page


def test_empty_mailbox_says_so(client, settings, mailbox):
    settings.DEBUG = True

    assert "No mail yet" in client.get("/dev/mailbox").content.decode()


def test_production_has_no_mailbox_page(client, mailbox):
    assert client.get("/dev/mailbox").status_code == 404
