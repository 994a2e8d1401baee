"""M4: any sequence of movements leaves wallet and lots as a plain model has them."""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import CreditLot, Source, Wallet
from canvascast.errors import Refused
from canvascast.operations.invariants import INVARIANTS
from tests.chaos.purse import Purse, Refusal

pytestmark = pytest.mark.goal("M4")

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CREDITS = st.integers(1, 30)
LAST_DAYS = st.one_of(st.none(), st.integers(1, 20))
WITHOUT_JOBS = [rule_ for rule_ in INVARIANTS if rule_.name in ("I2", "I3")]
SMALL = (8, 25, 100)
FULL = pytest.param((400, 40, 10_000), marks=pytest.mark.slow)


class Walk(RuleBasedStateMachine):
    """One user's life. Each rule makes one movement in the ledger and in the model and compares the answers."""

    steps: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.user = User.objects.create_user(f"{uuid.uuid4()}@example.com")
        self.purse = Purse()
        self.today = 0
        self.jobs: list[uuid.UUID] = []
        self.purchases: list[tuple[str, int]] = []
        self.repeat: Callable[[], object] | None = None

    def teardown(self) -> None:
        try:
            assert [finding for one in WITHOUT_JOBS for finding in one.findings()] == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        return BEGIN + timedelta(days=self.today)

    @rule(credits=CREDITS, days=LAST_DAYS)
    def grant(self, credits: int, days: int | None) -> None:
        self.add(ledger.grant, Source.GIFT, credits, days)

    @rule(credits=CREDITS, days=LAST_DAYS)
    def purchase(self, credits: int, days: int | None) -> None:
        self.purchases.append(self.add(ledger.purchase, Source.PACK, credits, days))

    @rule(credits=st.integers(1, 12))
    def reserve(self, credits: int) -> None:
        job, number = uuid.uuid4(), len(self.jobs)
        call = {"user_id": self.user.pk, "job_id": job, "project_id": job, "title": "", "credits": credits}
        made = self.both(
            "reserve",
            lambda: ledger.reserve(**call, at=self.now),
            lambda: self.purse.reserve(number, credits, self.today),
        )
        if made:
            self.jobs.append(job)

    @precondition(lambda self: self.jobs)
    @rule(which=st.integers(0), cost=st.integers(0, 40))
    def finalize(self, which: int, cost: int) -> None:
        number = which % len(self.jobs)

        charged = ledger.finalize(job_id=self.jobs[number], credits=cost, at=self.now)

        assert charged == self.purse.settle(number, cost)
        self.note("finalize", lambda: ledger.finalize(job_id=self.jobs[number], credits=cost + 1, at=self.now))

    @precondition(lambda self: self.purse.held)
    @rule(percent=st.integers(0, 100))
    def cancel(self, percent: int) -> None:
        number, parts = next(iter(self.purse.held.items()))
        kept = sum(part for _, part in parts) * percent // 100

        charged = ledger.finalize(job_id=self.jobs[number], credits=kept, at=self.now)

        assert charged == self.purse.settle(number, kept)
        self.note("cancel", lambda: ledger.release(job_id=self.jobs[number], at=self.now))

    @precondition(lambda self: self.jobs)
    @rule(which=st.integers(0))
    def release(self, which: int) -> None:
        number = which % len(self.jobs)
        ledger.release(job_id=self.jobs[number], at=self.now)
        self.purse.settle(number, 0)
        self.note("release", lambda: ledger.release(job_id=self.jobs[number], at=self.now))

    @precondition(lambda self: self.purchases)
    @rule(credits=st.integers(1, 10), which=st.integers(0), is_of_purchase=st.booleans())
    def refund(self, credits: int, which: int, is_of_purchase: bool) -> None:
        purchase_key, lot = self.purchases[which % len(self.purchases)] if is_of_purchase else ("", None)
        key, at = self.new_key(), self.now

        def call() -> None:
            ledger.refund(user_id=self.user.pk, credits=credits, reason="", key=key, at=at, purchase_key=purchase_key)

        call()
        self.purse.refund(credits, self.today, lot)
        self.note("refund", call)

    @rule(credits=CREDITS)
    def adjust_up(self, credits: int) -> None:
        key, at = self.new_key(), self.now
        call = {"user_id": self.user.pk, "reason": "", "key": key, "by": self.user, "at": at, "credits": credits}
        ledger.adjust(**call)
        self.purse.add(credits, math.inf)
        self.note("adjust up", lambda: ledger.adjust(**call))

    @rule(credits=st.integers(1, 10))
    def adjust_down(self, credits: int) -> None:
        key, at = self.new_key(), self.now
        call = {"user_id": self.user.pk, "reason": "", "key": key, "by": self.user, "at": at, "credits": -credits}
        self.both("adjust down", lambda: ledger.adjust(**call), lambda: self.purse.spend(credits, self.today))

    @rule(days=st.integers(1, 6))
    def wait(self, days: int) -> None:
        self.today += days
        self.note("wait", None)

    @rule()
    def expire(self) -> None:
        assert ledger.expire_lots(at=self.now) == self.purse.expire(self.today)
        self.note("expire", lambda: ledger.expire_lots(at=self.now))

    @precondition(lambda self: self.repeat)
    @rule()
    def ask_again(self) -> None:
        assert self.repeat
        self.repeat()
        self.steps["ask again"] += 1

    @invariant()
    def agrees_with_the_model(self) -> None:
        connection.check_constraints()
        wallet = Wallet.objects.filter(pk=self.user.pk).first() or Wallet()
        assert (wallet.available, wallet.held, wallet.debt) == (
            self.purse.available,
            self.purse.held_credits,
            self.purse.debt,
        )
        left = CreditLot.objects.filter(user=self.user).order_by("entry__seq").values_list("remaining", flat=True)
        assert list(left) == [lot.left for lot in self.purse.lots]

    def add(self, call: Callable[..., object], source: Source, credits: int, days: int | None) -> tuple[str, int]:
        key, at = self.new_key(), self.now
        expires_at = None if days is None else at + timedelta(days=days)
        asked = {"user_id": self.user.pk, "credits": credits, "source": source, "reason": "", "key": key, "at": at}
        call(**asked, expires_at=expires_at)
        lot = self.purse.add(credits, math.inf if days is None else self.today + days)
        self.note(call.__name__, lambda: call(**asked, expires_at=expires_at))
        return key, lot

    def both(self, step: str, in_ledger: Callable[[], object], in_model: Callable[[], object]) -> bool:
        """Make the movement in both; they refuse alike or succeed alike."""
        expected = refused = ""
        try:
            in_model()
        except Refusal as refusal:
            expected = str(refusal)
        try:
            in_ledger()
        except Refused as error:
            refused = type(error).__name__
        assert refused == expected
        self.note(f"{step}: {refused}" if refused else step, None if refused else in_ledger)
        return not refused

    def note(self, step: str, repeat: Callable[[], object] | None) -> None:
        self.steps[step] += 1
        self.repeat = repeat

    def new_key(self) -> str:
        return f"walk:{uuid.uuid4()}"


@pytest.mark.django_db
@pytest.mark.parametrize("size", [pytest.param(SMALL, marks=pytest.mark.small), FULL], ids=["small", "full"])
@pytest.mark.timeout(1200)
def test_no_sequence_of_movements_diverges_from_the_model(size: tuple[int, int, int], scenario):
    walks, steps, least = size
    Walk.steps.clear()

    with scenario("M4", "random walk", size="small" if size == SMALL else "full") as scene:
        walk(walks, steps, derandomize=size == SMALL)
        scene.note(walks=walks, steps=Walk.steps.total(), diverged=0)
        assert Walk.steps.total() >= least


def walk(walks: int, steps: int, *, derandomize: bool) -> None:
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            derandomize=derandomize,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
