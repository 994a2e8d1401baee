"""Support's commands: what they print, what they change, how they end."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.billing.models import LedgerEntry
from apps.billing.queries import balance, lots
from tests.billing.moves import give, hold

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def exit_code(*arguments: str) -> int:
    with pytest.raises(CommandError) as ended:
        run(*arguments)
    return ended.value.returncode


def test_gift_is_given_with_its_reason_and_giver(owner: User, staff: User):
    out = run("grant_credits", "OWNER@example.com", "10", "--reason", "sorry for the wait", "--by", "staff@example.com")

    entry = LedgerEntry.objects.get()
    assert out == "Gave 10 credits to owner@example.com, who has 10 available now.\n"
    assert (entry.d_available, entry.reason, entry.by) == (10, "sorry for the wait", staff)


def test_dry_run_gives_nothing(owner: User):
    out = run("grant_credits", owner.email, "1", "--reason", "sorry", "--dry-run")

    assert out == "Would give 1 credit to owner@example.com, who has 0 available.\n"
    assert not LedgerEntry.objects.exists()


def test_same_gift_on_the_same_day_is_nothing_to_do(owner: User):
    run("grant_credits", owner.email, "10", "--reason", "sorry")

    assert exit_code("grant_credits", owner.email, "10", "--reason", "sorry") == 3
    run("grant_credits", owner.email, "10", "--reason", "another time")
    assert balance(owner.pk).available == 20


def test_gift_can_expire(owner: User):
    run("grant_credits", owner.email, "10", "--reason", "sorry", "--expires", "2099-12-31")

    assert LedgerEntry.objects.get().lot.expires_at.isoformat() == "2100-01-01T00:00:00+00:00"
    assert "10 of 10 left, until 2099-12-31\n" in run("ledger", owner.email)
    assert [lot.text for lot in lots(owner.pk)] == ["10 gift credits, good until 31 December 2099"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("nobody@example.com", "10", "--reason", "sorry"),
        ("owner@example.com", "0", "--reason", "sorry"),
        ("owner@example.com", "10001", "--reason", "sorry"),
        ("owner@example.com", "10", "--reason", " "),
        ("owner@example.com", "10", "--reason", "a" * 301),
        ("owner@example.com", "10", "--reason", "sorry", "--expires", "2001-01-01"),
        ("owner@example.com", "0", "--reason", "sorry", "--dry-run"),
        ("owner@example.com", "10", "--reason", "sorry", "--by", "nobody@example.com"),
    ],
)
def test_gift_that_cannot_be_is_bad_use(owner: User, wrong: tuple[str, ...]):
    assert exit_code("grant_credits", *wrong) == 2
    assert not LedgerEntry.objects.exists()


def test_gift_as_json(owner: User):
    out = run("grant_credits", owner.email, "10", "--reason", "sorry", "--json")

    assert json.loads(out) == {"email": "owner@example.com", "given": 10, "dryRun": False, "available": 10}


def test_ledger_shows_balance_lots_and_movements(owner: User):
    give(owner, 10, reason="sorry")
    hold(owner, 4)

    assert run("ledger", owner.email).splitlines() == [
        "owner@example.com: 6 credits, 4 set aside, 0 owed",
        "  gift       6 of 10 left, without end",
        "    2 2026-05-04 12:00     -4      6  “Why cats purr” — set aside",
        "    1 2026-05-04 12:00    +10     10  Gift from support: “sorry”",
    ]


def test_ledger_as_json(owner: User):
    give(owner, 10)

    statement = json.loads(run("ledger", owner.email, "--json"))

    assert statement["balance"] == {"available": 10, "held": 0, "debt": 0}
    assert [move["credits"] for move in statement["movements"]] == [10]


@pytest.mark.parametrize("wrong", [("nobody@example.com",), ("owner@example.com", "--limit", "0")])
def test_ledger_of_nobody_is_bad_use(owner: User, wrong: tuple[str, ...]):
    assert exit_code("ledger", *wrong) == 2
