"""What the ledger must amount to, as plain Python that knows nothing of it: the model of M4."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

# A month's credits last so many days longer than the month.
GRACE_DAYS = 3


class Refusal(Exception):
    """The movement is not made; the message is the kind of refusal."""


@dataclass
class Lot:
    left: int
    last_day: float
    is_plan: bool = False


@dataclass
class Purse:
    """Credits of one user on a calendar of whole days. A lot that never expires has infinity as its last day."""

    debt: int = 0
    lots: list[Lot] = field(default_factory=list)
    held: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    charges: dict[int, int] = field(default_factory=dict)
    lapsed: list[tuple[int, int]] = field(default_factory=list)
    """On which day so many credits of plans ended unused."""

    @property
    def available(self) -> int:
        return sum(lot.left for lot in self.lots)

    @property
    def held_credits(self) -> int:
        return sum(part for parts in self.held.values() for _, part in parts)

    def add(self, credits: int, last_day: float, *, is_plan: bool = False) -> int:
        paid = min(self.debt, credits)
        self.debt -= paid
        self.lots.append(Lot(credits - paid, last_day, is_plan))
        return len(self.lots) - 1

    def reserve(self, job: int, credits: int, today: int) -> None:
        if self.debt:
            raise Refusal("DebtOwed")
        self.held[job] = self.spend(credits, today)

    def spend(self, credits: int, today: int, first: int | None = None) -> list[tuple[int, int]]:
        usable = sum(lot.left for lot in self.lots if lot.last_day > today)
        if usable < credits:
            raise Refusal("InsufficientCredits")
        self.expire(today)
        return self._take(credits, first)

    def settle(self, job: int, cost: int) -> int:
        if job in self.charges:
            return self.charges[job]
        parts = self.held.pop(job)
        total = sum(part for _, part in parts)
        charge = self.charges[job] = min(cost, total)
        paid = min(self.debt, total - charge)
        self.debt -= paid
        back = total - charge - paid
        for number, part in reversed(parts):
            returned = min(part, back)
            self.lots[number].left += returned
            back -= returned
        return charge

    def renew(self, credits: int, rollover: int, *, began: int, last_day: int) -> int:
        """Begin a month: what is left of earlier ones ends, and as much of it as the plan allows comes along."""
        earlier = [lot for lot in self.lots if lot.is_plan and lot.left and lot.last_day <= began + GRACE_DAYS]
        left = sum(lot.left for lot in earlier) + sum(ended for day, ended in self.lapsed if day >= began)
        for lot in earlier:
            lot.left = 0
        carried = min(left, rollover)
        if carried:
            self.add(carried, last_day, is_plan=True)
        self.add(credits, last_day, is_plan=True)
        return carried

    def refund(self, credits: int, today: int, first: int | None) -> int:
        """Take credits back, from the lot `first` before others; return how many of them that one had."""
        self.expire(today)
        taken = min(credits, self.available)
        parts = self._take(taken, first)
        self.debt += credits - taken
        return sum(part for number, part in parts if number == first)

    def restore(self, credits: int, lot: int, own: int) -> None:
        """Give back what a dispute took: it ends as its lot does, if all of it came from there, or never."""
        self.add(credits, self.lots[lot].last_day if own == credits else math.inf)

    def expire(self, today: int) -> int:
        due = [lot for lot in self.lots if lot.left and lot.last_day <= today]
        for lot in due:
            if lot.is_plan:
                self.lapsed.append((today, lot.left))
            lot.left = 0
        return len(due)

    def _take(self, credits: int, first: int | None) -> list[tuple[int, int]]:
        parts = []
        order = sorted(range(len(self.lots)), key=lambda number: (number != first, self.lots[number].last_day, number))
        for number in order:
            part = min(self.lots[number].left, credits)
            if part:
                self.lots[number].left -= part
                credits -= part
                parts.append((number, part))
        return parts


@dataclass
class Trials:
    """Who had trial credits: once a person, once a mailbox, and `a_day` people on each day."""

    a_day: int
    throwaway: str
    people: set[object] = field(default_factory=set)
    mailboxes: set[str] = field(default_factory=set)
    given: Counter[int] = field(default_factory=Counter)

    def give(self, person: object, mailbox: str, today: int) -> bool:
        if mailbox == self.throwaway or person in self.people or mailbox in self.mailboxes:
            return False
        if self.given[today] >= self.a_day:
            return False
        self.people.add(person)
        self.mailboxes.add(mailbox)
        self.given[today] += 1
        return True
