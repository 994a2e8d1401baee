"""Variants of an address are one mailbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.mailboxes import domain_of, normalise
from tests.promptness import taken


@pytest.mark.parametrize(
    ("written", "mailbox"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@EXAMPLE.com ", "ada@example.com"),
        ("ada+one@example.com", "ada@example.com"),
        ("ada+one+two@example.com", "ada@example.com"),
        ("ada@example.com.", "ada@example.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("A.Da@GoogleMail.com", "ada@gmail.com"),
        ("ada@googlemail.com.", "ada@gmail.com"),
        ("ada.l@pm.me", "adal@proton.me"),
        ("a-d_a.l+x@protonmail.ch", "adal@proton.me"),
        ("A_D-A.L@protonmail.com", "adal@proton.me"),
        ("-_.@proton.me", "-_.@proton.me"),
        ("a-d_a@gmail.com", "a-d_a@gmail.com"),
        ("a-d_a@example.com", "a-d_a@example.com"),
        ("ada@me.com", "ada@icloud.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ａｄａ@ｅxample.com", "ada@example.com"),
        ('"ada"@example.com', "ada@example.com"),
        ("ada@[192.0.2.1]", "ada@[192.0.2.1]"),
        ("+Tag@example.com", "+tag@example.com"),
        ('"..."@gmail.com', '"..."@gmail.com'),
        ('""@example.com', '""@example.com'),
    ],
)
def test_variants_reach_one_mailbox(written, mailbox):
    assert normalise(written) == mailbox


@pytest.mark.parametrize("written", ["", "ada", "@example.com", "ada@"])
def test_what_is_no_address_is_refused(written):
    with pytest.raises(ValueError, match="not an e-mail address"):
        normalise(written)


@pytest.mark.goal("S2")
@pytest.mark.parametrize("piece", ["\u0315\u0300", "a", "\ufdfa", "."])
def test_megabyte_is_refused_soon(piece):
    with taken() as time, pytest.raises(ValueError, match="too long"):
        normalise(piece * 250_000 + "@example.com")

    assert time.is_prompt, time


@given(st.emails())
def test_normal_form_stays_as_it_is(address):
    once = normalise(address)

    assert normalise(once) == once
    assert "@" not in domain_of(once)
