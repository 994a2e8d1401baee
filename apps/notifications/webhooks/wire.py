"""One POST to somebody else's program: checked where it goes, bounded in time and in what is read, never led on."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore

from apps.notifications.webhooks.addresses import NotPublic, Unknown, public_addresses

TOTAL_SECONDS = 10.0
_CONNECT_SECONDS = 4.0
MOST_ANSWER_BYTES = 64 * 1024
_Options = Iterable[Any] | None  # Any: whatever httpcore passes on to its sockets


class NotTaken(Exception):
    """It was not taken. `reason` is a word for the log; `status` is what was answered, if anything was."""

    def __init__(self, reason: str, *, status: int | None = None, milliseconds: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.milliseconds = milliseconds


@dataclass(frozen=True)
class Taken:
    status: int
    milliseconds: int


def post(url: str, *, body: bytes, headers: dict[str, str]) -> Taken:
    """Send it; any answer of 2xx means that it was taken. Raises NotTaken.

    The name is looked up once and the connection goes to a number that was judged; TLS and the Host header keep the
    name. Redirects are not followed, no proxy is asked, and of the answer nothing is kept.
    """
    began, parts = time.monotonic(), urlsplit(url)
    network = _CheckedNetwork(deadline=began + TOTAL_SECONDS)
    head = _head({"Host": parts.netloc, **headers}, body)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=network) as pool,
            pool.stream("POST", _as_written(parts), content=body, headers=head) as answer,
        ):
            _skip(answer)
            status = answer.status
    except NotPublic as error:
        raise NotTaken("not_public") from error
    except (Unknown, httpcore.ConnectTimeout) as error:
        raise NotTaken("unreachable") from error
    except httpcore.ConnectError as error:
        raise NotTaken("bad_certificate" if _is_about_tls(error) else "unreachable") from error
    except httpcore.TimeoutException as error:
        raise NotTaken("no_answer", milliseconds=_since(began)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise NotTaken("broken_answer", milliseconds=_since(began)) from error
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise NotTaken(_word_for(status), status=status, milliseconds=_since(began))
    return Taken(status, _since(began))


class _CheckedNetwork(httpcore.NetworkBackend):
    """Looks a name up by itself, once a call, and goes only where that is allowed."""

    def __init__(self, *, deadline: float) -> None:
        self._network = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options = None,
    ) -> httpcore.NetworkStream:
        refusal: Exception = httpcore.ConnectError(host)
        for number in public_addresses(host, port):
            patience = min(_CONNECT_SECONDS, _left(self._deadline))
            try:
                stream = self._network.connect_tcp(number, port, patience, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refusal = error
            else:
                return _TimedStream(stream, self._deadline)
        raise refusal


class _TimedStream(httpcore.NetworkStream):
    """Ends at the deadline, however slowly bytes drip."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # Any: httpcore's own
        return self._stream.get_extra_info(info)


def _as_written(parts: SplitResult) -> httpcore.URL:
    """Given a text, httpcore leaves out what follows a semicolon in its path."""
    query = f"?{parts.query}" if parts.query else ""
    return httpcore.URL(
        scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target=f"{parts.path or '/'}{query}"
    )


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the whole call took too long")
    return left


def _head(headers: dict[str, str], body: bytes) -> list[tuple[bytes, bytes]]:
    whole = {**headers, "Content-Length": str(len(body)), "Connection": "close", "Accept-Encoding": "identity"}
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in whole.items()]


def _skip(answer: httpcore.Response) -> None:
    """Let a polite answer end; one that does not is hung up on."""
    received = 0
    for piece in answer.iter_stream():
        received += len(piece)
        if received > MOST_ANSWER_BYTES:
            return


def _word_for(status: int) -> str:
    return "redirect" if status < HTTPStatus.BAD_REQUEST else "gone" if status == HTTPStatus.GONE else "refused"


def _is_about_tls(error: httpcore.ConnectError) -> bool:
    return isinstance(error.__cause__, ssl.SSLError) or isinstance(error.__context__, ssl.SSLError)


def _since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))


@cache
def _tls() -> ssl.SSLContext:
    return httpcore.default_ssl_context()
