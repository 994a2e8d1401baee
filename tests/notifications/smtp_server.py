"""A mail server on loopback that misbehaves as told: real SMTP, real sockets, a list of what it took."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class MailHost:
    """`answers` overrides what is answered to a command; an empty answer hangs up instead. `tls` serves STARTTLS."""

    port: int = 0
    tls: ssl.SSLContext | None = None
    commands: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    host: MailHost

    def handle(self) -> None:
        if not self._say("220 here"):
            return
        while line := self.rfile.readline():
            command = line.split()[0].decode().upper() if line.split() else ""
            self.host.commands.append(command)
            if command == "STARTTLS" and self.host.tls:
                self._say("220 go ahead")
                if not self._secure(self.host.tls):
                    return
                continue
            if command == "DATA" and "DATA" not in self.host.answers:
                self._say("354 go on")
                self.host.taken.append(self._content())
                command = "END"
            if not self._say(self.host.answers.get(command, "250 fine")) or command == "QUIT":
                return

    def _secure(self, tls: ssl.SSLContext) -> bool:
        """Go on under TLS; False when the other side does not trust it."""
        try:
            self.request = tls.wrap_socket(self.connection, server_side=True)
        except OSError:
            return False
        self.setup()
        return True

    def _content(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(lines)

    def _say(self, words: str) -> bool:
        if words:
            self.wfile.write(words.encode() + b"\r\n")
        return bool(words)


@contextlib.contextmanager
def mail_host(tls: ssl.SSLContext | None = None, **answers: str) -> Iterator[MailHost]:
    """Run the server until the block ends. END answers the end of the content, the rest the command of that name."""
    host = MailHost(answers=dict(answers), tls=tls)
    handler: Any = type("Conversation", (_Conversation,), {"host": host})  # Any: a class of this host's own
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        host.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield host
        finally:
            server.shutdown()
