"""Limits hold to the number when many ask at once, and a header that anybody can write does not help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory

from canvascast.http import client_address

pytestmark = pytest.mark.goal("S9")

PARALLEL = 50


def at_once(work: Callable[[int], str | int], times: int = PARALLEL) -> Counter[str | int]:
    """Do the work that many times in parallel, each with a database connection of its own; count the outcomes."""

    def one(number: int) -> str | int:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_three_of_fifty_code_mails_that_one_asks_for_leave():
    cache.clear()

    def ask(number: int) -> int:
        client = Client(headers={"x-forwarded-for": f"198.51.100.{number}"}, REMOTE_ADDR="192.0.2.1")
        return client.post("/accounts/login/", {"login": "ada@example.com"}).status_code

    answers = at_once(ask)

    assert answers[302] == 3
    assert len(mail.outbox) == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twelve_of_fifty_code_mails_to_one_address_leave():
    cache.clear()

    def ask(number: int) -> int:
        client = Client(headers={"x-forwarded-for": f"198.51.100.{number}"}, REMOTE_ADDR=f"192.0.2.{number}")
        return client.post("/accounts/login/", {"login": "ada@example.com"}).status_code

    answers = at_once(ask)

    assert answers == {302: 12, 200: PARALLEL - 12}
    assert len(mail.outbox) == 12


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("is_one", "mails"),
    [pytest.param(True, 3, id="one asker"), pytest.param(False, 12, id="many askers", marks=pytest.mark.slow)],
)
def test_variants_of_one_mailbox_share_its_mails(is_one, mails):
    cache.clear()

    def ask(number: int) -> int:
        address, asker = f"a.d.a+{number}@gmail.com", f"192.0.2.{1 if is_one else number}"
        return Client(REMOTE_ADDR=asker).post("/accounts/signup/", {"email": address}).status_code

    answers = at_once(ask, 20)

    assert answers == {302: mails, 429: 20 - mails}
    assert len(mail.outbox) == mails


@pytest.mark.django_db(transaction=True)
def test_spoofed_header_does_not_raise_the_limit_of_an_address():
    cache.clear()

    def ask(number: int) -> int:
        client = Client(headers={"x-forwarded-for": f"198.51.100.{number}"}, REMOTE_ADDR="192.0.2.1")
        return client.post("/accounts/signup/", {"email": f"user{number}@example.com"}).status_code

    assert at_once(ask, 25) == {302: 20, 429: 5}


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_address_is_the_one_that_trusted_proxies_saw(settings, proxies, header, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"x-forwarded-for": header} if header else {}

    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")) == address
