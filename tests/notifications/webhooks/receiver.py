"""A user's program on loopback: a real HTTP server that answers as told and keeps what it was sent."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request: its first line, its headers in small letters, its body as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Program:
    """`answer` is written to the wire as it is, in pieces; `pause` seconds pass before each but the first."""

    port: int = 0
    answer: tuple[bytes, ...] = (b"HTTP/1.1 204 No Content\r\n\r\n",)
    pause: float = 0.0
    calls: list[Call] = field(default_factory=list)
    on_call: Callable[[], None] = lambda: None

    def answers(self, status: int, *, headers: str = "", body: bytes = b"") -> None:
        head = f"HTTP/1.1 {status} Words\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.answer = (head.encode() + body,)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


class _Conversation(socketserver.StreamRequestHandler):
    program: Program

    def handle(self) -> None:
        line = self.rfile.readline().decode().strip()
        headers = {}
        while entry := self.rfile.readline().decode().strip():
            name, _, value = entry.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        self.program.calls.append(Call(line, headers, body))
        self.program.on_call()
        with contextlib.suppress(OSError):
            self._speak()

    def _speak(self) -> None:
        for number, piece in enumerate(self.program.answer):
            if number:
                time.sleep(self.program.pause)
            self.wfile.write(piece)
            self.wfile.flush()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    tls: ssl.SSLContext | None = None

    def get_request(self) -> Any:  # Any: a socket and an address
        connection, address = super().get_request()
        return (self.tls.wrap_socket(connection, server_side=True) if self.tls else connection), address

    def handle_error(self, request: Any, client_address: Any) -> None:  # Any: as above
        """A caller that hangs up is no news."""


@contextlib.contextmanager
def program(*, tls: ssl.SSLContext | None = None, **settings: Any) -> Iterator[Program]:  # Any: fields of Program
    """Run it until the block ends."""
    told = Program(**settings)
    conversation: Any = type("Conversation", (_Conversation,), {"program": told})  # Any: a class of its own
    with _Server(("127.0.0.1", 0), conversation) as server:
        server.tls = tls
        told.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield told
        finally:
            server.shutdown()
