"""Balance and history, as programs read them."""

from __future__ import annotations

from apps.billing import ledger
from tests.api.test_projects import order

HISTORY = "/api/v1/credits/history"


def test_balance_counts_what_is_set_aside(program, trivial):
    order(program)

    assert program.get("/api/v1/credits/balance").json() == {
        "balance": 100,
        "reserved": 2,
        "available": 98,
        "owed": 0,
    }


def test_balance_of_somebody_new_is_nothing(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new@example.com"))

    assert client.get("/api/v1/credits/balance").json() == {"balance": 0, "reserved": 0, "available": 0, "owed": 0}


def test_history_is_newest_first_with_the_running_balance(program, foreign_program, trivial):
    started = order(program, title="Cats").json()
    order(foreign_program)

    newest, oldest = program.get(HISTORY).json()["transactions"]

    assert (newest["kind"], newest["text"], newest["credits"], newest["balance"]) == (
        "RESERVE",
        "“Cats” — set aside",
        -2,
        98,
    )
    assert (newest["jobId"], newest["projectId"]) == (started["jobId"], started["projectId"])
    assert (oldest["kind"], oldest["credits"], oldest["jobId"]) == ("GRANT", 100, None)


def test_history_is_read_page_by_page(program, owner):
    for number in range(4):
        ledger.grant(user_id=owner.pk, credits=1, source="gift", reason="", key=str(number), at=owner.created_at)

    first = program.get(f"{HISTORY}?limit=3").json()
    second = program.get(f"{HISTORY}?limit=3&before={first['nextBefore']}").json()

    assert [[row["seq"] for row in page["transactions"]] for page in (first, second)] == [[5, 4, 3], [2, 1]]
    assert second["nextBefore"] is None
