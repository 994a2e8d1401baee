"""Who asked too often is told when they may ask again, and a program too."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.core import mail
from django.test import Client

from tests.promptness import taken

pytestmark = pytest.mark.django_db
NOON = "2026-05-04T12:00:00Z"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def told(answer) -> tuple[int, str, str]:
    """The status, the moment in words, and Retry-After."""
    when = re.search(r"You can try again (.*?)\.", answer.content.decode())
    return answer.status_code, when[1] if when else "", answer.get("Retry-After", "")


def test_mailbox_that_had_its_codes_waits_until_the_first_is_an_hour_old(person, clock):
    for _ in range(3):
        Client().post("/accounts/signup/", {"email": person.email})
        clock.shift(60)

    assert told(Client().post("/accounts/signup/", {"email": person.email})) == (429, "in 57 minutes", "3420")

    clock.shift(3420)
    assert Client().post("/accounts/signup/", {"email": person.email}).status_code == 302


@pytest.mark.slow
def test_mailbox_that_many_asked_for_waits_until_the_first_of_twelve_is_an_hour_old(clock):
    for number in range(12):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/accounts/signup/", {"email": f"ada+{number}@example.com"})
        clock.shift(60)

    answer = Client(REMOTE_ADDR="192.0.2.99").post("/accounts/signup/", {"email": "ada@example.com"})

    assert told(answer) == (429, "in 48 minutes", "2880")
    assert len(mail.outbox) == 12


def test_variant_of_the_mailbox_waits_as_long(clock):
    for number in range(3):
        Client().post("/accounts/signup/", {"email": f"ada+{number}@example.com"})

    assert told(Client().post("/accounts/signup/", {"email": "ada+9@example.com"})) == (429, "in an hour", "3600")


def test_network_address_waits_seconds(clock):
    for number in range(20):
        Client().post("/accounts/signup/", {"email": f"user{number}@example.com"})
    clock.shift(48)

    assert told(Client().post("/accounts/signup/", {"email": "late@example.com"})) == (429, "in 12 seconds", "12")


def test_megabyte_typed_as_an_address_is_told_to_wait_soon(clock):
    for number in range(20):
        Client().post("/accounts/signup/", {"email": f"user{number}@example.com"})

    with taken() as time:
        answer = Client().post("/accounts/signup/", {"email": "\u0315\u0300" * 240_000})

    assert told(answer)[0] == 429
    assert time.is_prompt, time


def test_fresh_codes_are_counted_by_person(signed_in, clock):
    for _ in range(3):
        signed_in.post("/app/settings/confirm", {"send": "1"})
    clock.shift(600)

    assert told(signed_in.post("/app/settings/confirm", {"send": "1"})) == (429, "in 50 minutes", "3000")


def test_limit_that_cannot_be_told_from_the_request_is_bounded(client, person, clock, rf):
    from apps.accounts.waiting import wait_of

    request = rf.post("/accounts/signup/", {"email": "nobody counted this"})
    request.user, request.resolver_match = person, None

    assert (wait_of(request).seconds, wait_of(request).in_words) == (3600, "in an hour at the latest")
