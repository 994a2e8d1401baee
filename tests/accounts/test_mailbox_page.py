"""In development a newcomer reads the code on a page; in production there is no such page."""

from __future__ import annotations

from email.mime.image import MIMEImage

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


def test_tab_of_the_page_that_takes_the_code_names_it(client, db):
    page = client.post("/accounts/signup/", {"email": "ada@example.com"}, follow=True)

    title = page.content.decode().partition("<title>")[2].partition("</title>")[0]
    assert " ".join(title.split()) == "Enter the code – CanvasCast"


def test_mail_is_shown_with_the_picture_it_brings_along(client, settings, mailbox):
    settings.DEBUG = True
    still = MIMEImage(b"not looked into", "png")
    still["Content-ID"] = "<still>"
    with mail.get_connection() as connection:
        letter = mail.EmailMultiAlternatives("Ready", "Ready.", to=["b@example.com"], connection=connection)
        letter.attach_alternative('<img src="cid:still" alt="">', "text/html")
        letter.attach(still)
        letter.send()

    page = client.get(f"/dev/mailbox/{mails_in(mailbox)[0].key}").content.decode()

    assert page == '<img src="data:image/png;base64,bm90IGxvb2tlZCBpbnRv" alt="">'


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


def html_mail(connection) -> None:
    message = mail.EmailMultiAlternatives("Ready", "Plain", "a@example.com", ["b@example.com"], connection=connection)
    message.attach_alternative("<p>Fine <script>alert(1)</script></p>", "text/html")
    message.send()


def test_html_of_a_mail_is_shown_alone_and_may_run_nothing(client, settings, mailbox):
    settings.DEBUG = True
    with mail.get_connection() as connection:
        html_mail(connection)
    (kept,) = mails_in(mailbox)

    listed = client.get("/dev/mailbox").content.decode()
    shown = client.get(f"/dev/mailbox/{kept.key}")

    assert f'href="/dev/mailbox/{kept.key}"' in listed
    assert "alert(1)" not in listed
    assert shown.content.decode() == "<p>Fine <script>alert(1)</script></p>"
    assert set(shown["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "frame-ancestors 'none'",
        "sandbox allow-popups allow-top-navigation-by-user-activation",
    }


def test_code_and_links_of_a_mail_can_be_used_at_once(client, settings, mailbox):
    settings.DEBUG = True
    with mail.get_connection() as connection:
        text = "Your code:\n\nABC-234\n\nhttps://example.com/app"
        mail.EmailMessage("Code", text, "a@example.com", ["b@example.com"], connection=connection).send()

    page = client.get("/dev/mailbox").content.decode()

    assert mails_in(mailbox)[0].code == "ABC-234"
    assert 'href="https://example.com/app"' in page


def test_production_has_no_page_for_one_mail(client, mailbox):
    with mail.get_connection() as connection:
        html_mail(connection)
    (kept,) = mails_in(mailbox)

    assert client.get(f"/dev/mailbox/{kept.key}").status_code == 404


def test_mail_that_is_not_there_is_missing(client, settings, mailbox):
    settings.DEBUG = True

    assert client.get("/dev/mailbox/0123456789abcdef").status_code == 404
