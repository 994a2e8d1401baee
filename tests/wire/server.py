"""A vendor's HTTP API on loopback: routes, a scripted plan of faults, and a log of what was asked and paid for."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request as it arrived; header names in any case. `json` is None where the body is none."""

    method: str
    path: str
    headers: Message
    body: bytes
    started: float

    @property
    def json(self) -> Any:  # Any: whatever the vendor's format has
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), headers=named)


@dataclass(frozen=True)
class Fault:
    """What happens to one call instead of its result; each kind is named after what the caller meets."""

    kind: str
    reply: Reply | None = None
    seconds: float = 0.0


def status(code: int, word: str = "", **headers: str) -> Fault:
    """An error answer in a form that every vendor's SDK can read."""
    error = {"error": {"code": code, "status": word, "type": word, "message": "no"}, "detail": {"status": word}}
    if word:
        error["error"]["code"] = word
    return Fault("answer", as_json(error, code, **headers))


def answer(body: bytes, content_type: str = "application/json", code: int = 200, **headers: str) -> Fault:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Fault("answer", Reply(code, body, content_type, named))


SILENCE = Fault("silence", seconds=5.0)
"""Connected, asked, and no answer comes."""
RESET = Fault("reset")
"""The connection breaks in the middle of the answer."""
DRIP = Fault("drip", seconds=5.0)
"""The answer comes a byte at a time."""
SHORT = Fault("short")
"""The answer ends in the middle, as if it were over."""
CUT = Fault("cut")
"""The connection breaks in the middle of the question."""


Route = Callable[[Call, re.Match[str]], Reply]
Guard = Callable[[Call], Fault | None]
"""Says what a call meets, at once or later; None lets it through."""


class WireServer:
    """Serves `routes` (method, pattern of the path) until closed. `plan` is used up first, a fault or None a call."""

    def __init__(self, routes: dict[tuple[str, str], Route], *, port: int = 0, address: str = "127.0.0.1") -> None:
        self.calls: list[Call] = []
        self.paid: list[Call] = []
        self.plan: deque[Fault | None] = deque()
        self.delay_seconds: dict[str, float] = {}
        self.now_open = self.most_open = 0
        self._routes: list[tuple[str, re.Pattern[str], Route]] = []
        self._guards: list[tuple[re.Pattern[str], Guard]] = []
        self.serve(routes)
        self._address = address
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = ThreadingHTTPServer((address, port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://{self._address}:{self._http.server_port}"

    def serve(self, routes: dict[tuple[str, str], Route]) -> None:
        """Add routes; they win over those that are there."""
        self._routes[:0] = [(method, re.compile(pattern), route) for (method, pattern), route in routes.items()]

    def fail(self, *faults: Fault | None) -> None:
        """Let the next calls meet these faults, one each; None lets a call through."""
        self.plan.extend(faults)

    def guard(self, path: str, guard: Guard) -> None:
        """Let the guard see every call of that path before it is answered; the plan goes first."""
        self._guards.append((re.compile(path), guard))

    def asked(self, path: str) -> list[Call]:
        return [call for call in self.calls if re.fullmatch(path, call.path)]

    def close(self) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    def takes_half(self) -> bool:
        """Tell whether of the next call only half is read."""
        with self._lock:
            return bool(self.plan) and self.plan[0] is CUT

    def handle(self, call: Call, send: _Handler) -> None:
        with self._lock:
            self.calls.append(call)
            self.now_open += 1
            self.most_open = max(self.most_open, self.now_open)
            fault = self.plan.popleft() if self.plan else None
        try:
            fault = fault or self._guarded(call)
            reply = None if fault and (fault.reply or fault is CUT) else self._reply(call)
            if fault is None:
                assert reply is not None
                send.reply(reply)
                return
            self._break(fault, reply, send)
        finally:
            with self._lock:
                self.now_open -= 1

    def _guarded(self, call: Call) -> Fault | None:
        path = call.path.split("?")[0]
        met = (guard(call) for pattern, guard in self._guards if pattern.fullmatch(path))
        return next((fault for fault in met if fault), None)

    def _reply(self, call: Call) -> Reply:
        for method, pattern, route in self._routes:
            found = pattern.fullmatch(call.path.split("?")[0])
            if method == call.method and found:
                self._closing.wait(self.delay_seconds.get(pattern.pattern, 0.0))
                reply = route(call, found)
                if reply.status < 300 and method == "POST":
                    with self._lock:
                        self.paid.append(call)
                return reply
        return as_json({"error": {"message": f"no route {call.method} {call.path}"}}, 404)

    def _break(self, fault: Fault, reply: Reply | None, send: _Handler) -> None:
        if fault.reply is not None:
            send.reply(fault.reply)
        elif fault.kind == "silence":
            self._closing.wait(fault.seconds)
        elif fault.kind == "reset":
            send.half(reply or Reply())
            send.reset()
        elif fault.kind == "short":
            send.half(reply or Reply())
            send.close_connection = True
        elif fault.kind == "cut":
            send.reset()
        elif fault.kind == "drip":
            send.drip(reply or Reply(), until=time.monotonic() + fault.seconds, closing=self._closing)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body go out as two packets; Nagle would hold the second for the other side's delayed acknowledgement.
    disable_nagle_algorithm = True
    wire: WireServer

    def do_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        wanted = length // 2 if self.wire.takes_half() else length
        body = self.rfile.read(wanted) if length else self._chunks()
        call = Call(self.command, self.path, self.headers, body, time.monotonic())
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wire.handle(call, self)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_any

    def reply(self, reply: Reply) -> None:
        self._head(reply)
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def half(self, reply: Reply) -> None:
        self._head(reply)
        self.wfile.write(reply.body[: len(reply.body) // 2])
        self.wfile.flush()

    def drip(self, reply: Reply, *, until: float, closing: threading.Event) -> None:
        self._head(reply)
        for byte in reply.body:
            if time.monotonic() > until or closing.wait(0.05):
                break
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
        self.close_connection = True

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, text in reply.headers.items():
            self.send_header(name, text)
        self.end_headers()

    def _chunks(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return b""
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


def _handler(wire: WireServer) -> type[_Handler]:
    return type("Handler", (_Handler,), {"wire": wire})


@contextmanager
def serving(server: WireServer) -> Iterator[WireServer]:
    try:
        yield server
    finally:
        server.close()
