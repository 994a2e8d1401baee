"""Events on their way: signed, posted, and posted again until somebody takes them."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from urllib.parse import urlsplit

from tests.stripe_wire.store import Obj
from tests.stripe_wire.world import World

_MOST_TRIES = 20
_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
_TIMEOUT_SECONDS = 30.0


def payload_of(event: Obj) -> str:
    return json.dumps(event, indent=2)


def signature(payload: str, secret: str, at: float | None = None) -> str:
    """The Stripe-Signature header; `at` are Unix seconds, now if None."""
    moment = int(time.time() if at is None else at)
    code = hmac.new(secret.encode(), f"{moment}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={moment},v1={code}"


def post(url: str, payload: str, header: str) -> int:
    """Return the status of the answer; 0 where none came."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header}
    try:
        connection.request("POST", parts.path, payload.encode(), headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@dataclass
class Parcel:
    """One event for one endpoint; `statuses` are the answers so far."""

    event: Obj
    payload: str
    url: str
    secret: str
    due: float
    statuses: list[int]


class Courier:
    """Posts every event to the enabled webhook endpoints that want it, from threads of its own, first come first
    served. Stripe promises no order; `at_once` threads keep none."""

    def __init__(self, world: World, *, at_once: int = 1) -> None:
        self.done: list[Parcel] = []
        self.given_up: list[Parcel] = []
        self._world = world
        self._waiting: list[Parcel] = []
        self._busy = 0
        self._is_held = self._is_closed = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(at_once)]
        for thread in self._threads:
            thread.start()

    def offer(self, event: Obj) -> None:
        """Take an event that was just written."""
        for hook in self._world.store.all("webhook_endpoint", status="enabled"):
            if any(fnmatch(event["type"], wanted) for wanted in hook["enabled_events"]):
                parcel = Parcel(event, payload_of(event), hook["url"], hook["_secret"], time.monotonic(), [])
                with self._changed:
                    self._waiting.append(parcel)
                    self._changed.notify_all()

    def hold(self) -> None:
        """Send nothing until `release`; what is being sent goes on."""
        with self._changed:
            self._is_held = True

    def release(self) -> None:
        with self._changed:
            self._is_held = False
            self._changed.notify_all()

    def drop(self, is_dropped: Callable[[Obj], bool] = lambda event: True) -> list[Obj]:
        """Forget waiting events for good; return them."""
        with self._changed:
            gone = [parcel for parcel in self._waiting if is_dropped(parcel.event)]
            self._waiting = [parcel for parcel in self._waiting if parcel not in gone]
            self._changed.notify_all()
        return [parcel.event for parcel in gone]

    def wait(self, seconds: float = 10.0) -> None:
        """Until all is delivered or given up; raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._waiting and not self._busy, seconds):
                raise TimeoutError(f"{len(self._waiting) + self._busy} events are not delivered after {seconds} s")

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=1.0)

    def _run(self) -> None:
        while (parcel := self._next()) is not None:
            status = post(parcel.url, parcel.payload, signature(parcel.payload, parcel.secret))
            parcel.statuses.append(status)
            with self._changed:
                self._busy -= 1
                self._sort(parcel, is_taken=200 <= status < 300)
                self._changed.notify_all()

    def _next(self) -> Parcel | None:
        with self._changed:
            while not self._is_closed:
                due = [] if self._is_held else sorted(self._waiting, key=lambda parcel: parcel.due)
                if due and due[0].due <= time.monotonic():
                    self._waiting.remove(due[0])
                    self._busy += 1
                    return due[0]
                self._changed.wait(max(due[0].due - time.monotonic(), 0.0) if due else None)
            return None

    def _sort(self, parcel: Parcel, *, is_taken: bool) -> None:
        tries = len(parcel.statuses)
        if is_taken:
            self.done.append(parcel)
        elif tries >= _MOST_TRIES:
            self.given_up.append(parcel)
        else:
            parcel.due = time.monotonic() + _RETRY_SECONDS[min(tries, len(_RETRY_SECONDS)) - 1]
            self._waiting.append(parcel)
