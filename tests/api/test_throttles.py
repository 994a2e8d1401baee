"""The API may be called as often as its rates say, and not once more, whoever asks at the same time."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key

PREFERENCES = "/api/v1/notifications/preferences"


@pytest.fixture
def rates(settings):
    def set_rates(**rates: str) -> None:
        settings.API_RATES = {**settings.API_RATES, **rates}

    return set_rates


def statuses_of(clients: list[Client], method: str) -> Counter:
    """Let every client ask once, all at the same time."""

    def ask(client: Client) -> int:
        try:
            return client.generic(method, PREFERENCES, "{}", "application/json").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        return Counter(pool.map(ask, clients))


def programs_of(user, count: int) -> list[Client]:
    _, secret = create_key(user=user, name="tests", at=timezone.now())
    return [
        Client(headers={"Authorization": f"Bearer {secret}", "X-Forwarded-For": f"198.51.100.{number}"})
        for number in range(count)
    ]


@pytest.mark.goal("S9")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "rate"), [("PATCH", "write"), ("GET", "read"), ("PATCH", "write_key")])
def test_fifty_clients_at_once_get_exactly_the_limit(owner, rates, method, rate):
    rates(**{rate: "20/hour"})

    assert statuses_of(programs_of(owner, 50), method) == {200: 20, 429: 30}


def test_what_one_key_is_refused_uses_up_nothing_of_its_user(owner, rates):
    rates(read_key="1/hour", read="2/hour")
    first, second = programs_of(owner, 1) + programs_of(owner, 1)

    assert [client.get(PREFERENCES).status_code for client in (first, first, first, second)] == [200, 429, 429, 200]


@pytest.mark.django_db(transaction=True)
def test_one_user_s_flood_leaves_another_user_alone(owner, stranger, rates):
    rates(write="20/hour")

    first, second = programs_of(owner, 25), programs_of(stranger, 25)
    mixed = [client for pair in zip(first, second, strict=True) for client in pair]

    assert statuses_of(mixed, "PATCH") == {200: 40, 429: 10}


def test_refusal_says_when_to_come_back(program, rates):
    rates(read="1/hour")
    program.get(PREFERENCES)

    answer = program.get(PREFERENCES)

    seconds = answer.json()["details"]["retryAfterSeconds"]
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "RATE_LIMITED", str(seconds))
    assert 3_590 < seconds <= 3_600


def test_one_key_does_not_use_up_the_others(owner, rates):
    rates(read_key="1/hour")
    first, second = programs_of(owner, 1) + programs_of(owner, 1)

    assert [client.get(PREFERENCES).status_code for client in (first, first, second)] == [200, 429, 200]


def test_key_is_the_same_however_bearer_is_spelled(owner, rates):
    rates(read_key="1/hour")
    _, secret = create_key(user=owner, name="tests", at=timezone.now())
    clients = [Client(headers={"Authorization": f"{spelled} {secret}"}) for spelled in ("Bearer", "bearer", "BEARER")]

    assert [client.get(PREFERENCES).status_code for client in clients] == [200, 429, 429]


def test_keys_and_sessions_of_a_user_count_together(browser, program, rates):
    rates(write="1/hour")
    asked = [client.patch(PREFERENCES, {}, "application/json") for client in (browser, program)]

    assert [answer.status_code for answer in asked] == [200, 429]


@pytest.mark.goal("S9")
def test_spoofed_addresses_do_not_help_a_visitor(db, rates):
    rates(read="3/hour")
    clients = [Client(headers={"X-Forwarded-For": f"198.51.100.{number}"}) for number in range(5)]

    assert [client.get("/api/draft").status_code for client in clients] == [404, 404, 404, 429, 429]
