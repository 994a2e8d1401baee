"""The API over HTTP: keys, versions, idempotency, faults and a log."""

from __future__ import annotations

import socket
import threading
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.stripe_wire import parameters, routes
from tests.stripe_wire.clock import DAY_SECONDS
from tests.stripe_wire.faults import Fault, Plan
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import Refusal, not_here
from tests.stripe_wire.store import letters
from tests.stripe_wire.world import API_VERSION, World
from tests.wire.server import Call, Reply, WireServer, _Handler, as_json


@dataclass(frozen=True)
class Asked:
    """One request to the API; `status` is 0 where a fault left it without an answer."""

    method: str
    path: str
    params: Params
    idempotency_key: str | None
    status: int


@dataclass(frozen=True)
class _Kept:
    """What an idempotency key answers, for a day: https://docs.stripe.com/api/idempotent_requests"""

    request: tuple[str, str, Params]
    reply: Reply
    request_id: str
    at: int


class StripeHttp(WireServer):
    """Answers /v1 itself and leaves every other path to `page`."""

    def __init__(self, world: World, key: str, page: Callable[[Call], Reply], *, port: int = 0) -> None:
        self.log: list[Asked] = []
        self.faults = Plan()
        self._world = world
        self._key = key
        self._page = page
        self._kept: dict[str, _Kept] = {}
        super().__init__({}, port=port)

    def handle(self, call: Call, send: _Handler) -> None:
        path = urlsplit(call.path).path
        if not path.startswith("/v1/"):
            send.reply(self._page(call))
            return
        key = call.headers.get("Idempotency-Key")
        params = _params(call)
        with self._world.turn():
            fault = self.faults.take(call.method, path)
            reply = self._answer(call, path, params, key) if fault is None or fault.has_effect else None
            status = _seen_status(fault, reply)
            self.log.append(Asked(call.method, path, params, key, status))
        self._send(send, fault, reply)

    def forget_keys(self) -> None:
        """Answer every idempotency key as if it were new."""
        self._kept.clear()

    def close(self) -> None:
        """At once: the accepting thread looks up only when its poll ends or somebody connects."""
        closing = threading.Thread(target=super().close)
        closing.start()
        with suppress(OSError):
            socket.create_connection(self._http.server_address[:2], timeout=1).close()
        closing.join()

    def _send(self, send: _Handler, fault: Fault | None, reply: Reply | None) -> None:
        if fault is not None and fault.kind == "answer":
            send.reply(fault.reply)
        elif fault is not None and fault.kind == "reset":
            send.reset()
        elif fault is not None and fault.kind == "timeout":
            self._closing.wait(fault.seconds)
            send.reset()
        elif reply is not None:
            self._closing.wait(fault.seconds if fault else 0)
            send.reply(reply)

    def _answer(self, call: Call, path: str, params: Params, key: str | None) -> Reply:
        request_id = f"req_{letters(14)}"
        headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        try:
            self._admit(call)
            kept = self._kept_answer(key, (call.method, path, params)) if call.method == "POST" else None
            if kept:
                return kept
            self._world.request = {"id": request_id, "idempotency_key": key}
            reply = as_json(routes.answer(self._world, call.method, path, params))
            is_kept = True
        except Refusal as refusal:
            reply, is_kept = refusal.reply(), refusal.is_kept
        finally:
            self._world.request = {"id": None, "idempotency_key": None}
        reply.headers.update(headers | ({"Idempotency-Key": key} if key else {}))
        if key and is_kept and call.method == "POST":
            self._kept[key] = _Kept((call.method, path, params), reply, request_id, self._world.now)
        return reply

    def _admit(self, call: Call) -> None:
        key = _key_of(call.headers.get("Authorization", ""))
        if key != self._key:
            message = f"Invalid API Key provided: {key[:8]}***{key[-4:]}" if key else "You did not provide an API key."
            raise Refusal(message, status=401, is_kept=False)
        version = call.headers.get("Stripe-Version", API_VERSION)
        if version != API_VERSION:
            raise not_here(f"the API version {version}: it speaks {API_VERSION}")
        account = call.headers.get("Stripe-Account")
        if account and self._world.store.find(account) is None:
            message = f"The provided key does not have access to account '{account}' (or that account does not exist)."
            raise Refusal(message, code="account_invalid", status=403, is_kept=False)

    def _kept_answer(self, key: str | None, request: tuple[str, str, Params]) -> Reply | None:
        kept = self._kept.get(key or "")
        if kept is None or kept.at <= self._world.now - DAY_SECONDS:
            return None
        if kept.request != request:
            raise Refusal(
                f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
                is_kept=False,
            )
        replayed = {"Idempotent-Replayed": "true", "Original-Request": kept.request_id}
        return Reply(kept.reply.status, kept.reply.body, headers=kept.reply.headers | replayed)


def _key_of(authorization: str) -> str:
    """Bearer as the SDK sends it, or Basic as curl does."""
    scheme, _, key = authorization.partition(" ")
    return b64decode(key).decode().partition(":")[0] if scheme == "Basic" else key


def _params(call: Call) -> Params:
    query = urlsplit(call.path).query
    return parameters.decode("&".join(filter(None, (query, call.body.decode()))))


def _seen_status(fault: Fault | None, reply: Reply | None) -> int:
    if fault is not None and fault.kind == "answer":
        return fault.status
    if fault is not None and fault.kind in ("reset", "timeout"):
        return 0
    return reply.status if reply else 0
