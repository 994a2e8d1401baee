"""One Stripe account in memory: objects, time, events, one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tests.stripe_wire.clock import Clock
from tests.stripe_wire.store import Obj, Store, new_id, visible

API_VERSION = "2026-08-26.dahlia"
_WITH_PREVIOUS = ("updated", "refunded")


class World:
    """Whoever reads or changes it holds `turn()`."""

    def __init__(self, *, at: datetime | None = None) -> None:
        self.url = ""
        self.clock = Clock(at)
        self.store = Store()
        self.events: list[Obj] = []
        self.failing_customers: set[str] = set()
        self.request: Obj = {"id": None, "idempotency_key": None}
        self.on_event: Callable[[Obj], None] | None = None
        self._lock = threading.RLock()
        self._depth = 0
        self._afterwards: list[Callable[[], None]] = []

    @property
    def now(self) -> int:
        return self.clock.now

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the lock. What was put off with `afterwards` happens when the outermost turn ends."""
        with self._lock:
            self._depth += 1
            try:
                yield
            finally:
                while self._depth == 1 and self._afterwards:
                    self._afterwards.pop(0)()
                self._depth -= 1

    def afterwards(self, act: Callable[[], None]) -> None:
        self._afterwards.append(act)

    def tell(self, kind: str, obj: Obj, previous: dict[str, Any] | None = None) -> Obj:
        """Write the event down with the object as it is now."""
        data: Obj = {"object": visible(obj)}
        if previous is not None and kind.endswith(_WITH_PREVIOUS):
            data["previous_attributes"] = visible(previous)
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": dict(self.request),
            "type": kind,
        }
        self.events.append(self.store.add(event))
        if self.on_event:
            self.on_event(event)
        return event

    @contextmanager
    def change(self, obj: Obj, *kinds: str) -> Iterator[Obj]:
        """Tell the events if the block changed anything that can be seen."""
        before = visible(obj)
        yield obj
        after = visible(obj)
        previous = {name: before.get(name) for name in after if before.get(name) != after[name]}
        for kind in kinds if previous else ():
            self.tell(kind, obj, previous)
