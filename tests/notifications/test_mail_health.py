"""Whether mail can leave, asked of real servers on loopback; nothing is ever sent for it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.notifications import mail_health as module
from apps.notifications.mail_health import MailHealth, mail_health
from tests.notifications.smtp_server import mail_host
from tests.wire.resend import KEY, SEND_ONLY, ResendServer, said
from tests.wire.server import RESET, SHORT, SILENCE, answer, as_json
from tests.workers import free_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"
SENDER = "CanvasCast <hello@example.com>"
SPEAKS = "250-here\r\n250 AUTH PLAIN LOGIN"


@pytest.fixture
def resend(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResendServer]:
    monkeypatch.setattr(module, "_SECONDS", 0.5)
    server = ResendServer(example_com="verified")
    settings.EMAIL_BACKEND = "apps.notifications.resend.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = SENDER
    settings.ANYMAIL = {"RESEND_API_KEY": KEY, "RESEND_API_URL": f"{server.url}/"}
    yield server
    server.close()


def smtp(settings, port: int, **more: object) -> MailHealth:
    settings.EMAIL_BACKEND, settings.DEFAULT_FROM_EMAIL = SMTP, SENDER
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    for name, value in more.items():
        setattr(settings, f"EMAIL_{name}", value)
    return mail_health()


def test_domain_that_resend_has_verified_is_well(resend):
    assert mail_health() == MailHealth("ok", "Resend answers, and example.com is verified there")
    assert (resend.paid, resend.mails) == ([], [])


@pytest.mark.parametrize(
    ("domains", "text", "fix"),
    [
        ({"example.com": "pending"}, "example.com is not verified at Resend", "Set the DNS records that Resend shows"),
        ({"mail.example.com": "verified"}, "is no domain of this account", "Add example.com at Resend with its DNS"),
        ({}, "example.com of MAIL_FROM is no domain", "or set MAIL_FROM to an address of a domain that is there."),
    ],
)
def test_domain_that_may_not_send_is_named_with_its_fix(resend, domains, text, fix):
    resend.domains = domains

    found = mail_health()

    assert found.state == "trouble"
    assert text in found.text
    assert fix in found.fix


def test_key_that_may_only_send_leaves_the_domain_unchecked(resend, settings):
    settings.ANYMAIL |= {"RESEND_API_KEY": SEND_ONLY}

    found = mail_health()

    assert (found.state, found.text) == ("unchecked", "Resend's key may only send: hello@example.com cannot be checked")
    assert found.fix.startswith("See at Resend whether the domain is verified")


def test_key_that_resend_does_not_know_is_trouble(resend, settings):
    settings.ANYMAIL |= {"RESEND_API_KEY": "re_other"}  # pragma: allowlist secret

    assert mail_health() == MailHealth(
        "trouble", "Resend refuses the key (400)", "Look at RESEND_API_KEY: Resend does not take it."
    )


@pytest.mark.parametrize(
    ("fault", "state", "text"),
    [
        (said(429, "rate_limit_exceeded"), "unchecked", "Resend is asked too often just now"),
        (said(500, "internal_server_error"), "trouble", "Resend's answer is none (500)"),
        (answer(b"<html>", "text/html"), "trouble", "Resend's answer is none (200)"),
        (answer(as_json([]).body), "trouble", "Resend's answer is none (200)"),
        (answer(b"", code=301, Location="http://127.0.0.1:1/"), "trouble", "Resend's answer is none (301)"),
        (answer(b"x" * 100_000), "trouble", "Resend does not answer (ConnectionError)"),
        (SILENCE, "trouble", "Resend does not answer (ReadTimeout)"),
        (RESET, "trouble", "Resend does not answer (ConnectionError)"),
        (SHORT, "trouble", "Resend does not answer (ConnectionError)"),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_no_answer_of_resend_is_told_as_such(resend, fault, state, text):
    resend.fail(fault)

    found = mail_health()

    assert (found.state, found.text) == (state, text)
    assert found.fix


def test_domain_beyond_what_resend_lists_at_once_is_unchecked(resend):
    resend.fail(answer(as_json({"data": [{"name": "other.example.com", "status": "verified"}], "has_more": True}).body))

    assert mail_health().state == "unchecked"


def test_mail_server_that_takes_our_sender_is_well_and_gets_no_mail(settings):
    with mail_host(EHLO=SPEAKS, AUTH="235 welcome") as host:
        found = smtp(settings, host.port, HOST_USER="ada", HOST_PASSWORD="pw")  # pragma: allowlist secret

    assert found == MailHealth("ok", "127.0.0.1 answers, logs in and takes mail from hello@example.com")
    assert host.taken == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1's own, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "server.pem").write_bytes(secret + made.public_bytes(pem))
    return tmp_path / "server.pem"


def with_starttls(certificate: Path) -> dict[str, object]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return {"tls": tls, "EHLO": "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN", "AUTH": "235 welcome"}


LOGIN = {"USE_TLS": True, "HOST_USER": "ada", "HOST_PASSWORD": "pw"}  # pragma: allowlist secret


def test_mail_server_is_logged_into_under_tls(settings, monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_host(**with_starttls(certificate)) as host:
        found = smtp(settings, host.port, **LOGIN)

    assert found.state == "ok", found
    assert host.commands == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RSET", "QUIT"]


def test_mail_server_that_nobody_vouches_for_is_trouble(settings, certificate):
    with mail_host(**with_starttls(certificate)) as host:
        found = smtp(settings, host.port, **LOGIN)

    assert (found.state, found.text) == ("trouble", "the mail server's certificate or TLS is not taken")
    assert "AUTH" not in host.commands


def test_mail_server_without_a_login_is_said_to_want_none(settings):
    with mail_host() as host:
        assert smtp(settings, host.port).text.startswith("127.0.0.1 answers, asks for no login")


@pytest.mark.parametrize(
    ("answers", "more", "text", "fix"),
    [
        (
            {"EHLO": SPEAKS, "AUTH": "535 no"},
            {"HOST_USER": "ada", "HOST_PASSWORD": "canary"},  # pragma: allowlist secret
            "the mail server refuses the login (535)",
            "Look at the name and password in EMAIL_URL.",
        ),
        ({}, {"USE_TLS": True}, "the mail server offers no TLS, or no login", "smtp+tls:// wants STARTTLS"),
        ({}, {"USE_SSL": True}, "the mail server's certificate or TLS is not taken", "the port in EMAIL_URL."),
        ({"MAIL": "550 not you"}, {}, "takes no mail from hello@example.com (550)", "Set MAIL_FROM to a sender that"),
        ({"EHLO": "", "HELO": ""}, {}, "does not answer as one (SMTPServerDisconnected)", "Look at host and port in"),
    ],
    ids=["login", "starttls", "tls", "sender", "hangs up"],
)
def test_mail_server_that_will_not_do_is_told_with_its_fix(settings, answers, more, text, fix):
    with mail_host(**answers) as host:
        found = smtp(settings, host.port, **more)

    assert found.state == "trouble"
    assert text in found.text
    assert fix in found.fix
    assert "canary" not in found.text + found.fix
    assert host.taken == []


def test_mail_server_that_is_not_there_is_told(settings):
    found = smtp(settings, free_port())

    assert found.text == "the mail server does not answer as one (ConnectionRefusedError)"


def test_mail_server_that_says_nothing_is_not_waited_for(settings, monkeypatch):
    monkeypatch.setattr(module, "_SECONDS", 0.3)
    with mail_host(EHLO="250-never ends") as host:
        found = smtp(settings, host.port)

    assert found.text == "the mail server does not answer as one (SMTPServerDisconnected)"


def test_file_mailbox_says_so(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = "/var/mailbox"

    assert mail_health() == MailHealth(
        "not set",
        "the file mailbox: no mail leaves /var/mailbox",
        "Set MAIL_FROM, and RESEND_API_KEY or EMAIL_URL.",
    )
