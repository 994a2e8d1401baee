"""M5: nobody changes, deletes or truncates a row of the ledger: not by SQL, the ORM, the admin or a cascade."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.db import Error, connection, models, transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from apps.accounts.models import User
from apps.billing.models import CreditLot, LedgerEntry, LotAllocation, TrialGrant, Wallet
from tests.billing.moves import give
from tests.chaos.jobs import start

pytestmark = pytest.mark.goal("M5")

TABLES = {
    "credit_ledger": ("d_available = d_available + 1", "created_at = now()", "title = 'x'", "seq = seq + 10"),
    "lot_allocations": ("credits = credits + 1",),
    "credit_lots": ("remaining = 0", "expires_at = NULL"),
    "wallets": ("available = available + 1", "debt = 0"),
}
STATEMENTS = [
    statement
    for table, changes in TABLES.items()
    for statement in (
        *(f"UPDATE {table} SET {change}" for change in changes),
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    )
]
ROWS: tuple[type[models.Model], ...] = (LedgerEntry, LotAllocation, CreditLot, Wallet)
PAGES = (*ROWS, TrialGrant)


@pytest.fixture
def staff_client(db) -> Client:
    staff = User.objects.create_superuser("staff@example.com")
    Authenticator.objects.create(user=staff, type=Authenticator.Type.TOTP, data={})
    client = Client()
    client.force_login(staff)
    return client


def contents() -> list[list[dict]]:
    return [list(model._default_manager.order_by("pk").values()) for model in ROWS]


def is_refused(act: Callable[[], object]) -> bool:
    """Do it in a transaction of its own, and tell whether the database refused it and kept every row."""
    before = contents()
    try:
        with transaction.atomic():
            act()
    except (Error, models.ProtectedError):
        return contents() == before
    return False


def sql(statement: str) -> Callable[[], None]:
    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return act


def orm_acts(owner: User) -> list[Callable[[], object]]:
    acts: list[Callable[[], object]] = [owner.delete, User.objects.filter(pk=owner.pk).delete]
    for model in ROWS:
        row = model._default_manager.first()
        assert row is not None
        every = model._default_manager.all()
        changed = {"debt": 1} if model is Wallet else {"remaining": 0} if model is CreditLot else {"credits": 99}
        changed = {"reason": "x"} if model is LedgerEntry else changed
        acts += [row.delete, every.delete, lambda every=every: every._raw_delete(every.db)]
        acts += [lambda every=every, changed=changed: every.update(**changed)]
    return acts


def admin_answers(client: Client) -> list[int]:
    answers = []
    for model in PAGES:
        row = model._default_manager.first()
        for page, arguments in (("change", [row and row.pk]), ("delete", [row and row.pk]), ("add", [])):
            try:
                url = reverse(f"admin:billing_{model._meta.model_name}_{page}", args=arguments)
            except NoReverseMatch:
                continue
            answers.append(client.post(url, {"post": "yes", "d_available": "99"}).status_code)
    return answers


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_ledger_are_for_ever(owner: User, staff_client: Client, scenario):
    give(owner, 30)
    start(owner, 10)
    before = contents()
    acts = [*map(sql, STATEMENTS), *orm_acts(owner)]

    with scenario("M5", "append only", size="full") as scene:
        refused = [is_refused(act) for act in acts]
        answers = admin_answers(staff_client)

        scene.note(statements=len(STATEMENTS), orm_calls=len(acts) - len(STATEMENTS), refused=sum(refused))
        scene.note(admin_posts=len(answers), admin_posts_refused=answers.count(403))
        assert all(refused)
        assert set(answers) == {403}
        assert contents() == before
