"""One call over real sockets: bounded in time and bytes, never led on, to the number that was judged."""

from __future__ import annotations

import datetime
import socket
import ssl
import time

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.notifications.webhooks import wire
from tests.notifications.webhooks.receiver import program

HEADERS = {"Content-Type": "application/json", "webhook-id": "msg_1"}


def post(url: str) -> wire.Taken:
    return wire.post(url, body=b'{"a":1}', headers=HEADERS)


def refusal(url: str) -> wire.NotTaken:
    with pytest.raises(wire.NotTaken) as refused:
        post(url)
    return refused.value


def test_program_gets_the_body_and_the_headers(hook):
    assert post(hook.url).status == 204

    (call,) = hook.calls
    assert (call.line, call.body) == ("POST /hook HTTP/1.1", b'{"a":1}')
    assert (call.headers["host"], call.headers["webhook-id"]) == (f"127.0.0.1:{hook.port}", "msg_1")


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("", "/"),
        ("?key=1", "/?key=1"),
        ("/hook;v=1?a=b;c&d", "/hook;v=1?a=b;c&d"),
        ("/a;b/c;d", "/a;b/c;d"),
        ("//twice", "//twice"),
        ("/%2F%20?q=%3B", "/%2F%20?q=%3B"),
    ],
)
def test_address_is_called_as_it_is_written(hook, written, target):
    post(f"http://127.0.0.1:{hook.port}{written}")

    assert hook.calls[0].line == f"POST {target} HTTP/1.1"


def test_number_of_ipv6_keeps_its_brackets_in_the_host(hook, monkeypatch):
    real = socket.getaddrinfo

    def resolve(host, port, *args, **kwargs):
        return real("127.0.0.1" if host == "2001:db8::7" else host, port, *args, **kwargs)

    monkeypatch.setattr("apps.notifications.webhooks.addresses.socket.getaddrinfo", resolve)

    post(f"http://[2001:db8::7]:{hook.port}/hook")

    assert hook.calls[0].headers["host"] == f"[2001:db8::7]:{hook.port}"


@pytest.mark.parametrize(
    ("status", "reason"), [(301, "redirect"), (307, "redirect"), (400, "refused"), (410, "gone"), (500, "refused")]
)
def test_answer_that_is_no_success_is_not_taken(hook, status, reason):
    hook.answers(status)

    refused = refusal(hook.url)

    assert (refused.reason, refused.status) == (reason, status)


def test_redirect_is_not_followed(hook):
    with program() as inside:
        hook.answers(307, headers=f"Location: {inside.url}\r\n")
        refusal(hook.url)

        assert inside.calls == []


def test_endless_answer_is_hung_up_on(hook):
    hook.answer = (b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 10_000] * 10_000)

    assert post(hook.url).status == 200


@pytest.mark.parametrize(
    "drip",
    [
        (b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: 1\r\n"] * 100),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *[b"x"] * 100),
        (b"", *[b"H"] * 100),
    ],
)
def test_slow_drip_ends_with_the_whole_call_s_time(hook, monkeypatch, drip):
    monkeypatch.setattr(wire, "TOTAL_SECONDS", 0.5)
    hook.answer, hook.pause = drip, 0.1
    began = time.monotonic()

    assert refusal(hook.url).reason in ("no_answer", "broken_answer")
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    "nonsense", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_nonsense_is_a_broken_answer(hook, nonsense):
    hook.answer = (nonsense,)

    assert refusal(hook.url).reason == "broken_answer"


def test_closed_port_is_unreachable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    assert refusal(f"http://127.0.0.1:{port}/").reason == "unreachable"


def test_private_number_is_not_even_connected_to(hook, settings):
    settings.WEBHOOKS_MAY_BE_LOCAL = False

    assert refusal(hook.url).reason == "not_public"
    assert hook.calls == []


def test_name_is_looked_up_once_and_rebinding_changes_nothing(hook, monkeypatch):
    """The second answer of a hostile name server is never asked for."""
    answers = iter(["127.0.0.1", "10.0.0.1"])
    asked = []

    def look_up(host, port, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr("apps.notifications.webhooks.addresses.socket.getaddrinfo", look_up_names(look_up))

    assert post(f"http://hooks.example.com:{hook.port}/hook").status == 204
    assert asked == ["hooks.example.com"]
    assert hook.calls[0].headers["host"] == f"hooks.example.com:{hook.port}"


def look_up_names(look_up):
    """Names go to the test's own server; a number needs no look-up, as in every resolver."""
    real = socket.getaddrinfo

    def resolve(host, port, *args, **kwargs):
        is_name = isinstance(host, str) and host.endswith(".com")
        return look_up(host, port) if is_name else real(host, port, *args, **kwargs)

    return resolve


def certificate(folder, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context for that name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = httpcore.default_ssl_context()
    client.load_verify_locations(pem)
    return server, client


def test_tls_is_held_to_the_name_although_the_connection_goes_to_a_number(tmp_path, monkeypatch):
    server, client = certificate(tmp_path, "hooks.example.com")
    seen = []
    server.sni_callback = lambda sock, name, context: seen.append(name)
    monkeypatch.setattr(wire, "_tls", lambda: client)
    monkeypatch.setattr(
        "apps.notifications.webhooks.addresses.socket.getaddrinfo",
        look_up_names(lambda host, port: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]),
    )

    with program(tls=server) as hook:
        assert post(f"https://hooks.example.com:{hook.port}/hook").status == 204
        assert refusal(f"https://other.example.com:{hook.port}/hook").reason == "bad_certificate"

    assert seen == ["hooks.example.com", "other.example.com"]
