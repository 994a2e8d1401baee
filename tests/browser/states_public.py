"""The pages that everybody can open, and those for what went wrong."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import override_settings

from tests.browser import people
from tests.browser.state import State, at, sent
from tests.browser.visit import Visit

PROMPT = "Why do cats purr at night?"
GO_ON = "Go on with this text"


def home_with_a_draft(visit: Visit) -> int:
    leave_text(visit)
    return visit.go("/")


def home_without_text(visit: Visit) -> int:
    visit.go("/")
    return sent(visit, GO_ON)


def leave_text(visit: Visit) -> int:
    """Type on the home page and go on; what follows is the gate."""
    visit.go("/")
    visit.page.get_by_label("What should the video explain?").fill(PROMPT)
    return sent(visit, GO_ON)


def log_in_with_a_draft(visit: Visit) -> int:
    leave_text(visit)
    return visit.go("/accounts/login/")


def log_in_without_address(visit: Visit) -> int:
    visit.go("/accounts/login/")
    visit.page.evaluate("document.querySelector('form[action*=login]').noValidate = true")
    return sent(visit, "Continue")


def log_in_code(visit: Visit) -> int:
    user = people.somebody()
    visit.go("/accounts/login/")
    visit.page.locator("[name=login]").fill(user.email)
    return sent(visit, "Continue")


def wrong_code(visit: Visit) -> int:
    log_in_code(visit)
    visit.page.locator("[name=code]").fill("AAAA-AAAA")
    return sent(visit, "Continue")


def void_code(visit: Visit) -> int:
    wrong_code(visit)
    for _ in range(4):
        visit.page.locator("[name=code]").fill("AAAA-AAAA")
        status = sent(visit, "Continue")
    return status


def without_token(visit: Visit) -> int:
    """The cookies went away while somebody was typing."""
    visit.go("/")
    visit.page.get_by_label("What should the video explain?").fill(PROMPT)
    visit.page.context.clear_cookies()
    return sent(visit, GO_ON)


def too_long_a_text(visit: Visit) -> int:
    visit.go("/")
    text = visit.page.get_by_label("What should the video explain?")
    text.evaluate("field => { field.removeAttribute('maxlength'); field.value = 'x'.repeat(1_000_001); }")
    return sent(visit, GO_ON)


def mailbox(visit: Visit) -> int:
    """The development page for mail, with one that has a code and looks."""
    with get_connection(
        "django.core.mail.backends.filebased.EmailBackend", file_path=settings.MAILBOX_DIR
    ) as connection:
        text = "Your code:\n\nABCD-EFGH\n\nhttp://127.0.0.1:8000/a/rather/long/address/of/a/page"
        mail = EmailMultiAlternatives("Your code", text, to=["ada@example.com"], connection=connection)
        mail.attach_alternative("<p>Your code: <strong>ABCD-EFGH</strong></p>", "text/html")
        mail.send()
    with override_settings(DEBUG=True):
        return visit.go("/dev/mailbox")


def dev_videos(visit: Visit) -> int:
    with override_settings(DEBUG=True):
        return visit.go("/dev/videos")


STATES = (
    State("home", at("/")),
    State("home-draft", home_with_a_draft),
    State("home-error", home_without_text, 400),
    State("home-script", at("/?sample=science")),
    State("examples", at("/examples")),
    State("preset", at("/presets/history")),
    State("gate", leave_text),
    State("sign-up", at("/accounts/signup/")),
    State("log-in", at("/accounts/login/")),
    State("log-in-draft", log_in_with_a_draft),
    State("log-in-error", log_in_without_address),
    State("code", log_in_code),
    State("code-wrong", wrong_code),
    State("code-void", void_code),
    State("password-reset", at("/accounts/password/reset/")),
    State("inactive", at("/accounts/inactive/")),
    State("goodbye", at("/goodbye")),
    State("pricing", at("/pricing")),
    State("help", at("/help")),
    State("terms", at("/terms")),
    State("privacy", at("/privacy")),
    State("status", at("/status")),
    State("offline", at("/offline")),
    State("error-400", at("/breaks/400"), 400),
    State("error-403", at("/breaks/403"), 403),
    State("error-csrf", without_token, 403),
    State("error-404", at("/nothing/here"), 404),
    State("error-405", at("/breaks/405"), 405),
    State("error-413", too_long_a_text, 413),
    State("error-429", at("/breaks/429"), 429),
    State("error-500", at("/breaks/500"), 500),
    State("error-503", at("/breaks/503"), 503),
    State("dev-mailbox", mailbox),
    State("dev-videos", dev_videos),
)
