"""A wire between the product and PostgreSQL that can lose an answer: the server did it, the client never hears so."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress

import psycopg
from django.db import connection

_PIECE = 1 << 16


class LossyWire:
    """Listens on loopback and leads to the server's socket. Ends with its process."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._losing: set[int] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_next_answer(self, of: psycopg.Connection[object]) -> None:
        """Close the line of that connection when the server's next answer is there, instead of handing it over."""
        with socket.socket(fileno=os.dup(of.fileno())) as line:
            self._losing.add(line.getsockname()[1])

    def _accept(self) -> None:
        while True:
            client, (_, port) = self._listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client, port), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := client.recv(_PIECE):
                server.sendall(piece)
        _end(server)

    def _answer(self, server: socket.socket, client: socket.socket, port: int) -> None:
        with suppress(OSError):
            while (piece := server.recv(_PIECE)) and port not in self._losing:
                client.sendall(piece)
        self._losing.discard(port)
        _end(client)


def _end(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


def through_a_lossy_wire() -> LossyWire:
    """Let this process's connections to the database go through a wire of its own."""
    values = connection.settings_dict
    folder = values["HOST"] or values["OPTIONS"]["host"]
    wire = LossyWire(f"{folder}/.s.PGSQL.{values['PORT'] or 5432}")
    options = {name: value for name, value in values["OPTIONS"].items() if name != "host"}
    connection.settings_dict = {**values, "HOST": "127.0.0.1", "PORT": str(wire.port), "OPTIONS": options}
    return wire
