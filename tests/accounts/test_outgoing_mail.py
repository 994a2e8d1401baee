"""Production says at start how mail leaves, or names the fix."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from canvascast.settings.accounts import google_login
from canvascast.settings.mail import outgoing_mail, sender


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in ("RESEND_API_KEY", "RESEND_API_URL", "EMAIL_URL", "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_way_out_the_start_names_the_fix():
    with pytest.raises(ImproperlyConfigured, match="Set RESEND_API_KEY, or EMAIL_URL"):
        outgoing_mail()


@pytest.mark.parametrize("given", ["CanvasCast <hello@example.com>", "hello@mail.example.co.uk"])
def test_sender_is_taken_as_it_is_written(monkeypatch, given):
    monkeypatch.setenv("MAIL_FROM", given)

    assert sender() == given


@pytest.mark.parametrize(
    "given",
    [
        *("", "hello", "CanvasCast", "hello@localhost", "CanvasCast <hello@localhost>", "a@canvascast.local"),
        *("a@example.com, b@example.com", "a@example.com\nBcc: b@example.com", "<>", "a@exa mple.com"),
    ],
)
def test_sender_that_nobody_can_answer_stops_the_start(monkeypatch, given):
    monkeypatch.setenv("MAIL_FROM", given)

    with pytest.raises(ImproperlyConfigured, match="Set MAIL_FROM to an address of a domain that may send for you"):
        sender()


def test_mail_server_is_read_from_its_address(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://ada:pw@mail.example:587")  # pragma: allowlist secret

    chosen = outgoing_mail()

    assert chosen["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (chosen["EMAIL_HOST"], chosen["EMAIL_PORT"], chosen["EMAIL_USE_TLS"]) == ("mail.example", 587, True)


def test_mail_goes_to_resend_over_the_wire(monkeypatch, settings):
    got = []

    class Resend(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((self.path, self.headers["Authorization"], body["to"], body["subject"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"id": "1"}')

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Resend) as server:
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        monkeypatch.setenv("RESEND_API_KEY", "re_1")
        monkeypatch.setenv("RESEND_API_URL", f"http://127.0.0.1:{server.server_port}/")
        for name, value in outgoing_mail().items():
            setattr(settings, name, value)
        mail.send_mail("Hello", "text", "CanvasCast <hello@example.com>", ["ada@example.com"])
        thread.join(10)

    assert got == [("/emails", "Bearer re_1", ["ada@example.com"], "Hello")]


@pytest.mark.parametrize("name", ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"])
def test_google_needs_both_its_keys(monkeypatch, name):
    monkeypatch.setenv(name, "x")

    assert google_login() == {}
