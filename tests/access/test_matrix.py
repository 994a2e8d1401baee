"""Who may ask what: every address of the site, by every method, as everybody, against the checked-in table.

After a change that is meant: `python -m pytest tests/access --write-matrix`, and read the difference.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from tests.access import matrix
from tests.access.world import ACTORS, BODIES, METHODS, World, build_world, patterns

pytestmark = pytest.mark.goal("S1")


@pytest.fixture
def world(db, settings) -> World:
    settings.API_RATES = dict.fromkeys(django_settings.API_RATES, "100000/min")
    settings.ACCOUNT_RATE_LIMITS = False
    return build_world()


def test_every_address_answers_everybody_as_the_table_says(world, request):
    if request.config.getoption("--write-matrix"):
        matrix.write(answers_of(world, list(patterns())))
        return
    check(world, public_patterns(), ("GET", "POST"))


@pytest.mark.slow
def test_every_address_answers_the_other_methods_as_the_table_says(world):
    check(world, public_patterns(), METHODS[2:])


@pytest.mark.slow
def test_every_staff_page_is_closed_to_all_but_staff(world):
    check(world, [pattern for pattern in patterns() if pattern.startswith("admin/")], ("GET", "POST"))


def test_table_has_no_row_for_an_address_that_is_gone():
    known = set(patterns())
    known |= {matrix.general(pattern) for pattern in known}

    assert [row["pattern"] for row in matrix.rows() if row["pattern"] not in known] == []


def test_nothing_breaks():
    assert [row for row in matrix.rows() if "500" in row.values()] == []


def test_stranger_finds_nothing_of_the_owner_s():
    """Signing in as somebody else is never a way to learn that a thing is there."""
    owned = [row for row in matrix.rows() if "_id>" in row["pattern"] and not row["pattern"].startswith("admin/")]

    assert {row["stranger"] for row in owned} <= {"404", "405"}


def public_patterns() -> list[str]:
    return [pattern for pattern in patterns() if not pattern.startswith("admin/")]


def check(world: World, asked: list[str], methods: Sequence[str]) -> None:
    table = matrix.rows()
    wrong = [
        f"{method} {pattern}: {dict(zip(ACTORS, answer, strict=True))}, the table has {wanted}"
        for (pattern, method), answer in answers_of(world, asked, methods).items()
        if answer != (wanted := matrix.expected(table, pattern, method))
    ]
    assert wrong == []


def answers_of(
    world: World, asked: list[str], methods: Sequence[str] = METHODS
) -> dict[tuple[str, str], matrix.Answers]:
    return {
        (pattern, method): tuple(answer(world, actor, pattern, method) for actor in ACTORS)
        for pattern in asked
        for method in (methods if not pattern.startswith("admin/") else ("GET", "POST"))
    }


def answer(world: World, actor: str, pattern: str, method: str) -> str:
    """Ask, and undo whatever that changed."""
    with transaction.atomic():
        client = world.clients[actor]
        client.raise_request_exception = False
        cookies = copy.deepcopy(client.cookies)
        response = client.generic(
            method, world.address(pattern), json.dumps(BODIES.get(pattern, {})), "application/json"
        )
        transaction.set_rollback(True)
        client.cookies = cookies
    return str(response.status_code)
