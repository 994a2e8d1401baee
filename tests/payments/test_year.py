"""A year of plans: renewals, what is carried over, expiry, dearer plans, ends, cards that fail, packs paid back."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger, queries
from apps.billing.catalogue import ITEMS
from apps.billing.models import StripePrice, Subscription
from apps.billing.payments.plans import end_plan, running_subscription
from apps.billing.payments.price_list import publish_all
from canvascast.operations.reconcile import reconcile
from tests.billing.moves import hold
from tests.payments.plain_model import Paper
from tests.payments.shop import Shop

PLANS = ("plan_hobbyist", "plan_creator", "plan_business")


class Life:
    """One customer's year: what they do is done to the site and on paper."""

    def __init__(self, shop: Shop, user: User, chance: random.Random) -> None:
        self.shop, self.user, self.chance = shop, user, chance
        self.paper = Paper()
        self.plan = ""

    def month(self) -> None:
        if not self.plan:
            self._subscribe()
        self._go_on(timedelta(hours=2))
        for act in self.chance.sample((self._spend, self._spend, self._pack, self._refunded_pack, self._upgrade), 3):
            act()
            self._compare()
            self._go_on(timedelta(days=self.chance.randint(1, 4)))
        self._to_the_next_month()
        self._compare()

    def _subscribe(self) -> None:
        self.plan = self.chance.choice(PLANS[:2])
        self.shop.subscribe(self.user, self.plan)
        self.paper.begin(self.plan, self._ends())

    def _to_the_next_month(self) -> None:
        fate = self.chance.choice(("renews", "renews", "renews", "fails", "ends"))
        if fate == "ends":
            end_plan(user=self.user)
        self.shop.stripe.card_fails(self.user.stripe_customers.get().pk, fails=fate == "fails")
        self._go_on(self._ends() + timedelta(hours=3) - self.shop.stripe.now)
        if fate == "ends":
            self.plan = ""
            self._go_on(timedelta(days=4))
            return
        if fate == "fails":
            self.shop.stripe.card_fails(self.user.stripe_customers.get().pk, fails=False)
            self._go_on(timedelta(days=5))
        self.paper.renew(self.plan, self._ends())

    def _spend(self) -> None:
        credits = self.paper.spend(self.chance.randint(1, 80))
        if credits and not self.paper.debt:
            job_id = hold(self.user, credits, at=self.shop.stripe.now)
            ledger.finalize(job_id=job_id, credits=credits, at=self.shop.stripe.now)

    def _pack(self) -> str:
        item = self.chance.choice(("pack_starter", "pack_creator"))
        visited = self.shop.buy(self.user, item)
        self.shop.hear()
        self.paper.buy(ITEMS[item].credits)
        # Visits are counted by the hour, and the site's hour is no month of the account's.
        type(visited).objects.update(created_at=timezone.now() - timedelta(days=1))
        return str(visited.session_id)

    def _refunded_pack(self) -> None:
        session = self._pack()
        self._spend()
        self.shop.stripe.refund(session)
        self.shop.hear()
        self.paper.take_back(10 if self.shop.stripe.object(session)["amount_total"] == 900 else 50)

    def _upgrade(self) -> None:
        if self.plan != "plan_hobbyist":
            return
        row = Subscription.objects.get(pk=running_subscription(self.user).pk)
        item = self.shop.stripe.object(row.pk)["items"]["data"][0]
        left = item["current_period_end"] - self.shop.stripe.now.timestamp()
        whole = item["current_period_end"] - item["current_period_start"]
        price = StripePrice.objects.get(item="plan_creator", is_current=True).pk
        self.shop.stripe.change_plan(row.pk, price, proration_behavior="always_invoice")
        self.shop.hear()
        self.paper.upgrade(self.plan, "plan_creator", left / whole)
        self.plan = "plan_creator"

    def _go_on(self, time: timedelta) -> None:
        self.shop.stripe.advance(seconds=time.total_seconds())
        ledger.expire_lots(at=self.shop.stripe.now)
        self.paper.pass_to(self.shop.stripe.now)
        self.shop.hear()

    def _ends(self) -> datetime:
        found = running_subscription(self.user)
        assert found is not None
        return found.period_ends_at

    def _compare(self) -> None:
        found = queries.balance(self.user.pk)
        assert (found.available, found.debt) == (self.paper.available, self.paper.debt)


LIVES = [(1, 4), *(pytest.param(seed, 12, marks=pytest.mark.slow) for seed in range(1, 13))]


@pytest.mark.parametrize(("seed", "months"), LIVES)
def test_months_of_plans_are_as_on_paper(shop, buyer, seed, months):
    publish_all()
    life = Life(shop, buyer, random.Random(seed))

    for _ in range(months):
        life.month()

    # No film was made, so there is no job behind what was spent.
    assert [found for found in reconcile(files=False) if "does not exist" not in found.text] == []
