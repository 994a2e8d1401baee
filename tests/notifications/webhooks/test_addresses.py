"""Where a webhook may go: the public internet over https, whatever a name says and however a number is written."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from apps.notifications.webhooks.addresses import NotPublic, Unknown, checked_url, is_public, public_addresses
from canvascast.errors import Invalid


@pytest.fixture
def strict(settings):
    settings.WEBHOOKS_MAY_BE_LOCAL = False


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "224.0.1.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "::a9fe:a9fe",
        "fec0::1",
        "fe80::1%eth0",
        "100::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:53aa:64c::",
    ],
)
def test_number_that_is_not_public_is_never_called(number):
    assert not is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize("number", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_public_number_is_called(number):
    assert is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://example.com/hook", "The address has to begin with https://."),
        ("ftp://example.com/", "The address has to begin with https://."),
        ("file:///etc/passwd", "This is not an address of a program."),
        ("https://", "This is not an address of a program."),
        ("https://exa mple.com/", "This is not an address of a program."),
        ("https://example.com\\@127.0.0.1/", "This is not an address of a program."),
        ("https://example.com:99999/", "This is not an address of a program."),
        ("https://example.com:0/", "This is not an address of a program."),
        ("https://[::1", "This is not an address of a program."),
        ("https://bücher.example/", "This is not an address of a program."),
        ("https://user@example.com/", "The address may hold no password and no part after #."),
        ("https://user:@example.com/", "The address may hold no password and no part after #."),
        ("https://example.com/#part", "The address may hold no password and no part after #."),
        ("https://example.com:25/", "The port has to be 443, or 1024 and above."),
        ("https://127.0.0.1/", "The address has to be on the public internet."),
        ("https://[::1]/", "The address has to be on the public internet."),
        ("https://[::ffff:10.0.0.1]/", "The address has to be on the public internet."),
        ("https://169.254.169.254/latest/", "The address has to be on the public internet."),
        ("https://localhost/", "The address has to be on the public internet."),
        ("https://db/", "The address has to be on the public internet."),
        ("https://printer.local/", "The address has to be on the public internet."),
        ("https://metadata.google.internal/", "The address has to be on the public internet."),
        ("https://2130706433/", "The address has to be on the public internet."),
        ("https://example.com/" + "a" * 500, "The address may have 500 characters at most."),
    ],
)
def test_address_that_may_not_be_called_is_refused_in_words(strict, url, sentence):
    with pytest.raises(Invalid) as refused:
        checked_url(url)

    assert refused.value.details == {"url": sentence}


@pytest.mark.parametrize("url", ["https://example.com/hook?a=b", "https://example.com:8443/", "https://1.1.1.1/"])
def test_public_address_is_kept_as_it_is(strict, url):
    assert checked_url(f" {url} ") == url


def names(monkeypatch, *numbers: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)) for number in numbers]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


def test_name_that_leads_outside_and_inside_is_not_called_at_all(strict, monkeypatch):
    names(monkeypatch, "93.184.216.34", "10.0.0.5")

    with pytest.raises(NotPublic):
        public_addresses("hooks.example.com", 443)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "017700000001"])
def test_number_in_another_writing_is_judged_by_what_it_is(strict, host):
    with pytest.raises(NotPublic):
        public_addresses(host, 443)


def test_name_that_leads_nowhere_is_said_to(strict):
    with pytest.raises(Unknown):
        public_addresses("nothing.invalid", 443)


def test_loopback_is_called_where_a_developer_may_have_it(settings):
    settings.WEBHOOKS_MAY_BE_LOCAL = True

    assert public_addresses("127.0.0.1", 80) == ["127.0.0.1"]
    with pytest.raises(NotPublic):
        public_addresses("10.0.0.1", 80)
