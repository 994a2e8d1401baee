"""What the ledger must amount to, as plain Python that knows nothing of it: the model of M4."""

from __future__ import annotations

from dataclasses import dataclass, field


class Refusal(Exception):
    """The movement is not made; the message is the kind of refusal."""


@dataclass
class Lot:
    left: int
    last_day: float


@dataclass
class Purse:
    """Credits of one user on a calendar of whole days. A lot that never expires has infinity as its last day."""

    debt: int = 0
    lots: list[Lot] = field(default_factory=list)
    held: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    charges: dict[int, int] = field(default_factory=dict)

    @property
    def available(self) -> int:
        return sum(lot.left for lot in self.lots)

    @property
    def held_credits(self) -> int:
        return sum(part for parts in self.held.values() for _, part in parts)

    def add(self, credits: int, last_day: float) -> int:
        paid = min(self.debt, credits)
        self.debt -= paid
        self.lots.append(Lot(credits - paid, last_day))
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

    def refund(self, credits: int, today: int, first: int | None) -> None:
        self.expire(today)
        taken = min(credits, self.available)
        self._take(taken, first)
        self.debt += credits - taken

    def expire(self, today: int) -> int:
        due = [lot for lot in self.lots if lot.left and lot.last_day <= today]
        for lot in due:
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
