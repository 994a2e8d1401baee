"""A plan's credits as somebody would count them on paper: no ledger, no lots, no Stripe."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

GRACE = timedelta(days=3)
PRICES = {"plan_hobbyist": 1_900, "plan_creator": 4_900}
PER_MONTH = {"plan_hobbyist": (30, 0), "plan_creator": (100, 50), "plan_business": (300, 150)}


@dataclass
class Paper:
    """`plan` are piles of [credits, last day], `packs` never end, `lapsed` ended unspent since the month began."""

    plan: list[list] = field(default_factory=list)
    packs: int = 0
    debt: int = 0
    lapsed: int = 0
    until: datetime | None = None

    def begin(self, plan: str, until: datetime) -> None:
        self._earn(PER_MONTH[plan][0], until + GRACE)
        self.until, self.lapsed = until, 0

    def renew(self, plan: str, until: datetime) -> None:
        most = PER_MONTH[plan][1]
        carried = min(most, sum(pile[0] for pile in self.plan) + self.lapsed)
        self.plan = []
        self._earn(carried, until + GRACE)
        self.begin(plan, until)

    def upgrade(self, old: str, new: str, share: float) -> None:
        assert self.until is not None
        bought = [PER_MONTH[plan][0] * round(PRICES[plan] * share) / PRICES[plan] for plan in (new, old)]
        self._earn(math.floor(bought[0] - bought[1] + 0.5), self.until + GRACE)

    def buy(self, credits: int) -> None:
        repaid = min(self.debt, credits)
        self.debt -= repaid
        self.packs += credits - repaid

    def take_back(self, credits: int) -> None:
        """A pack that is paid back: from packs first, as far as they go, then from the plan, the rest is owed."""
        taken = min(credits, self.packs)
        self.packs -= taken
        rest = credits - taken
        while rest and self.plan:
            rest -= self._take_first(rest)
        self.debt += rest

    def spend(self, wanted: int) -> int:
        spent = min(wanted, self.available)
        rest = spent
        while rest and self.plan:
            rest -= self._take_first(rest)
        self.packs -= rest
        return spent

    def pass_to(self, now: datetime) -> None:
        for pile in self.plan:
            if pile[1] <= now:
                self.lapsed += pile[0]
        self.plan = [pile for pile in self.plan if pile[1] > now]

    @property
    def available(self) -> int:
        return self.packs + sum(pile[0] for pile in self.plan)

    def _earn(self, credits: int, last: datetime) -> None:
        repaid = min(self.debt, credits)
        self.debt -= repaid
        if credits > repaid:
            self.plan.append([credits - repaid, last])

    def _take_first(self, most: int) -> int:
        first = min(self.plan, key=lambda pile: pile[1])
        taken = min(most, first[0])
        first[0] -= taken
        if not first[0]:
            self.plan.remove(first)
        return int(taken)
