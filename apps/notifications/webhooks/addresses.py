"""Which addresses of programs may be called: public ones, over https, also when a name changes what it leads to."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from canvascast.errors import Invalid

LONGEST_URL = 500
_FIRST_FREE_PORT = 1024
_TRIED_AT_MOST = 4
# All that is handed out of IPv6 so far (https://www.iana.org/assignments/ipv6-address-space).
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# Public by number alone: Azure's and Oracle's own hosts as seen from a machine inside, and numbers that carry an IPv4
# address within, which a gateway may unpack.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network) for network in ("168.63.129.16/32", "192.0.0.0/24", "2002::/16", "2001::/32")
)

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublic(Exception):
    """The name leads, also, to an address that is not on the public internet."""


class Unknown(Exception):
    """The name leads nowhere at the moment."""


def checked_url(url: str) -> str:
    """Return the address as it is kept. Raises Invalid, with a sentence for its owner.

    What the name leads to is judged at each call, not here: it may change at any time.
    """
    url = url.strip()
    parts = _parts(url)
    if parts.scheme != "https" and not (settings.WEBHOOKS_MAY_BE_LOCAL and parts.scheme == "http"):
        raise _refused("The address has to begin with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("The address may hold no password and no part after #.")
    if parts.port not in (None, 443) and parts.port < _FIRST_FREE_PORT and not settings.WEBHOOKS_MAY_BE_LOCAL:
        raise _refused("The port has to be 443, or 1024 and above.")
    if not settings.WEBHOOKS_MAY_BE_LOCAL and not _may_be_public(parts.hostname or ""):
        raise _refused("The address has to be on the public internet.")
    return url


def public_addresses(host: str, port: int) -> list[str]:
    """Return the numbers that the name leads to now, all of them judged. Raises Unknown and NotPublic."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unknown(host) from error
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(_may_be_called(ipaddress.ip_address(number)) for number in numbers):
        raise NotPublic(host)
    return numbers[:_TRIED_AT_MOST]


def is_public(address: IpAddress) -> bool:
    """Tell whether the number is on the public internet, and so is what it may carry within."""
    inner = getattr(address, "ipv4_mapped", None)
    if inner is not None:
        return is_public(inner)
    if address.is_multicast or not address.is_global or (address.version == 6 and address not in _GIVEN_OUT):
        return False
    return not any(address in net for net in _NOT_PUBLIC if net.version == address.version)


def _may_be_called(address: IpAddress) -> bool:
    return is_public(address) or (settings.WEBHOOKS_MAY_BE_LOCAL and address.is_loopback)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise _refused("This is not an address of a program.") from error
    if not has_host or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _refused("This is not an address of a program.")
    if len(url) > LONGEST_URL:
        raise _refused(f"The address may have {LONGEST_URL} characters at most.")
    return parts


def _may_be_public(host: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return "." in host.strip(".") and not host.endswith((".localhost", ".local", ".internal", ".arpa"))


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, {"url": sentence})
