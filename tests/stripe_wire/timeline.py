"""What happens by itself as time passes, in the order in which it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.stripe_wire import invoices, subscriptions
from tests.stripe_wire.checkout import expire_session
from tests.stripe_wire.store import Obj
from tests.stripe_wire.world import World

Due = tuple[int, Callable[[], None]]

_MOST_STEPS = 10_000


def advance(world: World, to: int) -> None:
    """Move the clock to `to`, stopping wherever something is due."""
    for _ in range(_MOST_STEPS):
        with world.turn():
            at, act = min(_all_due(world), key=lambda due: due[0], default=(to + 1, lambda: None))
            if at > to:
                world.clock.move(to)
                return
            world.clock.move(max(at, world.now))
            act()
    raise RuntimeError(f"more than {_MOST_STEPS} things are due before {to}")


def _all_due(world: World) -> Iterator[Due]:
    for session in world.store.all("checkout.session", status="open"):
        yield session["expires_at"], lambda session=session: _expire(world, session)
    for sub in world.store.all("subscription", lambda one: one["status"] in ("active", "past_due")):
        yield _ends_or_renews(world, sub)
    for invoice in world.store.all(
        "invoice", lambda one: one["automatically_finalizes_at"] is not None, auto_advance=True
    ):
        yield invoice["automatically_finalizes_at"], lambda invoice=invoice: _finalize(world, invoice)
    for invoice in world.store.all("invoice", lambda one: one["next_payment_attempt"] is not None, auto_advance=True):
        yield invoice["next_payment_attempt"], lambda invoice=invoice: _collect(world, invoice)


def _ends_or_renews(world: World, sub: Obj) -> Due:
    period_ends = subscriptions.ends_at(sub)
    if sub["cancel_at"] is not None and sub["cancel_at"] <= period_ends:
        return sub["cancel_at"], lambda: subscriptions.end(world, sub, "cancellation_requested")
    return period_ends, lambda: subscriptions.renew(world, sub)


def _expire(world: World, session: Obj) -> None:
    expire_session(world, {}, session["id"])


def _finalize(world: World, invoice: Obj) -> None:
    invoices.finalize(world, invoice)
    if invoice["status"] == "open":
        _collect(world, invoice)


def _collect(world: World, invoice: Obj) -> None:
    subscriptions.collect(world, world.store.get("subscription", invoice["_subscription"]), invoice)
