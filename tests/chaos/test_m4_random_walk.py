"""M4: any sequence of movements leaves wallet and lots as a plain model has them."""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as site
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as drawn_from
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import CreditLot, LedgerEntry, Payment, Reversal, Source, Wallet
from apps.billing.payments import settling
from apps.billing.payments.facts import MoneyBack
from apps.billing.rollover import GRACE
from canvascast.errors import Refused
from canvascast.operations.invariants import INVARIANTS
from tests.chaos.purse import Purse, Refusal, Trials
from tests.chaos.seeds import any_seed

pytestmark = pytest.mark.goal("M4")

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CREDITS = st.integers(1, 30)
LAST_DAYS = st.one_of(st.none(), st.integers(1, 20))
WITHOUT_JOBS = [rule_ for rule_ in INVARIANTS if rule_.name in ("I2", "I3")]
# A short month, so that a walk sees several.
MONTH_DAYS = 5
ROLLOVER, DAYS_LATE = st.integers(0, 20), st.integers(0, MONTH_DAYS - 1)
TRIALS_A_DAY = 2
THROWAWAY = "ada@mailinator.com"
MAILBOXES = st.sampled_from(["ada@example.com", "bob@example.com", "eve@example.com", THROWAWAY])
SMALL = (6, 25, 100)
FULL = pytest.param((400, 40, 10_000), marks=pytest.mark.slow)
SEED_OF_SMALL = 4
ALL_STEPS = {
    *("grant", "trial", "trial: none", "purchase", "renew plan", "renew plan: carried over", "refund", "dispute"),
    *("win dispute", "reserve", "reserve: DebtOwed", "reserve: InsufficientCredits", "finalize", "cancel", "release"),
    *("adjust up", "adjust down", "adjust down: InsufficientCredits", "wait", "expire", "ask again"),
}


@dataclass(frozen=True)
class Bought:
    """A purchase in the ledger, and the number of its lot in the model."""

    entry: LedgerEntry
    lot: int


@dataclass(frozen=True)
class Dispute:
    """As Stripe and the ledger have it, and in the model: the lot, and how many of the credits came from there."""

    payment: Payment
    reversal: Reversal
    back: MoneyBack
    lot: int
    own: int


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
        self.purchases: list[Bought] = []
        self.disputes: list[Dispute] = []
        self.trials = Trials(TRIALS_A_DAY, THROWAWAY)
        self.month_began: int | None = None
        self.repeat: Callable[[], object] | None = None

    def teardown(self) -> None:
        try:
            assert [finding for one in WITHOUT_JOBS for finding in one.findings()] == []
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        return day(self.today)

    @rule(credits=CREDITS, days=LAST_DAYS)
    def grant(self, credits: int, days: int | None) -> None:
        self.add(ledger.grant, Source.GIFT, credits, days)

    @rule(credits=CREDITS, days=LAST_DAYS)
    def purchase(self, credits: int, days: int | None) -> None:
        self.purchases.append(self.add(ledger.purchase, Source.PACK, credits, days))

    @rule(mailbox=MAILBOXES, is_mine=st.booleans())
    def grant_trial(self, mailbox: str, is_mine: bool) -> None:
        user = self.user if is_mine else User.objects.create_user(f"{uuid.uuid4()}@example.com")
        call = {"user_id": user.pk, "mailbox": mailbox, "at": self.now}

        entry = ledger.grant_trial(**call)

        is_given = self.trials.give(user.pk, mailbox, self.today)
        assert (entry is not None) == is_given
        if is_given and is_mine:
            self.purse.add(site.TRIAL_CREDITS, math.inf)
        self.note("trial" if is_given else "trial: none", lambda: ledger.grant_trial(**call))

    @precondition(lambda self: self.month_began is None)
    @rule(credits=CREDITS)
    def begin_plan(self, credits: int) -> None:
        self.month_began = self.today
        self.purchases.append(self.add(ledger.purchase, Source.PLAN, credits, MONTH_DAYS + GRACE.days))

    @precondition(lambda self: self.month_began is not None)
    @rule(credits=CREDITS, rollover=ROLLOVER, days_late=DAYS_LATE, is_swept=st.booleans())
    def renew_plan(self, credits: int, rollover: int, days_late: int, is_swept: bool) -> None:
        """The newest month that has begun by then is paid, perhaps late; what ended in between may be swept or not."""
        assert self.month_began is not None
        months = max(1, (self.today - self.month_began) // MONTH_DAYS)
        began = self.month_began + months * MONTH_DAYS
        self.today, self.month_began = max(self.today, began + days_late), began
        if is_swept:
            self.sweep()
        call = {"user_id": self.user.pk, "credits": credits, "rollover": rollover, "reason": "", "key": self.new_key()}
        last_day = began + MONTH_DAYS + GRACE.days
        moments = {"began_at": day(began), "expires_at": day(last_day), "at": self.now}

        entry, carried = ledger.renew_plan(**call, **moments)

        assert carried == self.purse.renew(credits, rollover, began=began, last_day=last_day)
        self.purchases.append(Bought(entry, len(self.purse.lots) - 1))
        step = "renew plan: carried over" if carried else "renew plan"
        self.note(step, lambda: ledger.renew_plan(**call, **moments))

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
        bought = self.purchases[which % len(self.purchases)]
        purchase_key, lot = (bought.entry.idempotency_key, bought.lot) if is_of_purchase else ("", None)
        key, at = self.new_key(), self.now

        def call() -> None:
            ledger.refund(user_id=self.user.pk, credits=credits, reason="", key=key, at=at, purchase_key=purchase_key)

        call()
        self.purse.refund(credits, self.today, lot)
        self.note("refund", call)

    @precondition(lambda self: self.purchases)
    @rule(which=st.integers(0))
    def dispute(self, which: int) -> None:
        bought, at = self.purchases[which % len(self.purchases)], self.now
        payment = Payment(user_id=self.user.pk, entry=bought.entry, credits=bought.entry.lot.credits)
        back = MoneyBack(at=at, id=self.new_key(), payment_intent_id="", cents=1, of_cents=1, is_dispute=True)

        def call() -> LedgerEntry:
            return settling._refund(payment, back, payment.credits)

        reversal = Reversal(entry=call(), credits=payment.credits, created_at=at)
        own = self.purse.refund(payment.credits, self.today, bought.lot)
        self.disputes.append(Dispute(payment, reversal, back, bought.lot, own))
        self.note("dispute", call)

    @precondition(lambda self: self.disputes)
    @rule(which=st.integers(0))
    def win_dispute(self, which: int) -> None:
        won = self.disputes.pop(which % len(self.disputes))
        back = replace(won.back, at=self.now, came_again=True)

        def call() -> LedgerEntry:
            return settling._restore(won.payment, won.reversal, back)

        call()
        self.purse.restore(won.payment.credits, won.lot, won.own)
        self.note("win dispute", call)

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
        self.sweep()
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
        left = CreditLot.objects.filter(user=self.user).order_by("entry__seq").values_list("remaining", "expires_at")
        assert list(left) == [(lot.left, day(lot.last_day)) for lot in self.purse.lots]

    def sweep(self) -> None:
        assert ledger.expire_lots(at=self.now) == self.purse.expire(self.today)

    def add(self, call: Callable[..., LedgerEntry], source: Source, credits: int, days: int | None) -> Bought:
        key, at = self.new_key(), self.now
        expires_at = None if days is None else at + timedelta(days=days)
        asked = {"user_id": self.user.pk, "credits": credits, "source": source, "reason": "", "key": key, "at": at}
        entry = call(**asked, expires_at=expires_at)
        last_day = math.inf if days is None else self.today + days
        lot = self.purse.add(credits, last_day, is_plan=source == Source.PLAN)
        self.note(call.__name__, lambda: call(**asked, expires_at=expires_at))
        return Bought(entry, lot)

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


def day(number: float) -> datetime | None:
    """Return the beginning of that day of the walk's calendar; there is none for infinity."""
    return None if math.isinf(number) else BEGIN + timedelta(days=number)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [pytest.param(SMALL, marks=pytest.mark.small), FULL], ids=["small", "full"])
@pytest.mark.timeout(1200)
def test_no_sequence_of_movements_diverges_from_the_model(size: tuple[int, int, int], settings, scenario):
    settings.TRIAL_BUDGET_CREDITS = TRIALS_A_DAY * settings.TRIAL_CREDITS
    walks, steps, least = size
    is_small = size == SMALL
    seed = SEED_OF_SMALL if is_small else any_seed()
    Walk.steps.clear()

    with scenario("M4", "random walk", size="small" if is_small else "full", seed=seed) as scene:
        walk(walks, steps, seed)
        scene.note(walks=walks, steps=Walk.steps.total(), kinds=len(Walk.steps), diverged=0)
        assert Walk.steps.total() >= least
        assert is_small or set(Walk.steps) >= ALL_STEPS


def walk(walks: int, steps: int, seed: int) -> None:
    run_state_machine_as_test(
        drawn_from(seed)(Walk),
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
