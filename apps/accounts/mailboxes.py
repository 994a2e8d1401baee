"""Which addresses reach the same mailbox. Pure."""

from __future__ import annotations

import unicodedata

import idna

# Google: support.google.com/mail/answer/7436150 (dots) and 10313 (googlemail).
# Proton: proton.me/support/addresses-and-aliases (domains) and change-username (dots, hyphens, underscores).
# Apple: support.apple.com/102540.
_SAME_DOMAIN = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
# RFC 3696, errata 1690, as in Django's EmailField; what is longer takes seconds to bring into one form.
_LONGEST_ADDRESS = 320
_IGNORED = {"gmail.com": str.maketrans("", "", "."), "proton.me": str.maketrans("", "", ".-_")}


def normalise(address: str) -> str:
    """Return one spelling for all variants of an address that reach the same mailbox.

    Case, Unicode form, "+tag", the domain's encoding and trailing dot do not count, nor do dots and dashes where the
    provider ignores them; where nothing is left then, everything counts. Raises ValueError when it is not an address.
    """
    if len(address) > _LONGEST_ADDRESS:
        raise ValueError("too long for an e-mail address")
    local, at, domain = unicodedata.normalize("NFKC", address.strip()).rpartition("@")
    domain = _domain(domain)
    written = local.casefold()
    local = written.strip('"').partition("+")[0].translate(_IGNORED.get(domain, {}))
    if not (at and written and domain):
        raise ValueError("not an e-mail address")
    return f"{local or written}@{domain}"


def domain_of(mailbox: str) -> str:
    """Return the part after the @ of a normalised mailbox."""
    return mailbox.rpartition("@")[2]


def _domain(written: str) -> str:
    plain = written.rstrip(".").casefold()
    try:
        plain = idna.encode(plain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return plain
    return _SAME_DOMAIN.get(plain, plain)
