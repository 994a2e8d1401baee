"""HTTP as every vendor is spoken to: no redirect followed, no answer without end, no call without a deadline.

The vendors' SDKs bring httpx or its fork httpx2; both have the same names, so the library itself is a parameter.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from apps.pipeline.providers.vendors.account import Timeouts

MOST_ANSWER_BYTES = 48 * 1024 * 1024
"""A 32 MiB picture in base64 and a little JSON."""


class UnusableAnswer(Exception):
    """The answer was not read to its end, whatever it is."""


class AnswerTooLarge(UnusableAnswer):
    """More came than any answer has: the rest was not read."""


class Redirected(UnusableAnswer):
    """The vendor's address answered with another address; that is never asked."""


class UnexpectedEncoding(UnusableAnswer):
    """The answer came packed although that was not asked for: unpacked, it may have any size."""


def http_client(library: ModuleType, timeouts: Timeouts, *, most_bytes: int = 0) -> Any:
    """Return a client of `library` (httpx or httpx2) whose calls end, in bytes and in time, whatever the SDK asks for.

    Its calls raise the library's own errors (ReadTimeout too when `timeouts.total` is over) and those above; an SDK
    may wrap them. Any: the client class of whichever library.
    """
    return library.Client(
        transport=_transport(library, timeouts, most_bytes or MOST_ANSWER_BYTES),
        follow_redirects=False,
        # Neither a proxy of the environment, whose transport has none of these bounds, nor a .netrc has a say.
        trust_env=False,
        headers={"Accept-Encoding": "identity"},
    )


def _transport(library: ModuleType, timeouts: Timeouts, most_bytes: int) -> Any:  # Any: a transport of the library
    limits = library.Timeout(timeouts.read, connect=timeouts.connect).as_dict()

    class BoundedTransport(library.HTTPTransport):  # type: ignore[misc,name-defined]  # the library is a parameter
        def handle_request(self, request: Any) -> Any:  # Any: the library's request and response
            deadline = time.monotonic() + timeouts.total
            # Not the client's default: google-genai says "no timeout" with every request.
            request.extensions = {**request.extensions, "timeout": limits}
            answer = super().handle_request(request)
            try:
                _require_plain(answer)
                body = b"".join(_pieces(library, answer, deadline, most_bytes))
            finally:
                answer.close()
            return library.Response(
                answer.status_code, headers=answer.headers, content=body, extensions=answer.extensions
            )

    return BoundedTransport()


def _require_plain(answer: Any) -> None:  # Any: as above
    if 300 <= answer.status_code < 400:
        raise Redirected(f"HTTP {answer.status_code}")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise UnexpectedEncoding(answer.headers["Content-Encoding"][:40])


def _pieces(library: ModuleType, answer: Any, deadline: float, most_bytes: int) -> Iterator[bytes]:  # Any: as above
    received = 0
    for piece in answer.stream:
        received += len(piece)
        if received > most_bytes:
            raise AnswerTooLarge(f"over {most_bytes} bytes")
        if time.monotonic() > deadline:
            raise library.ReadTimeout("the whole call took too long")
        yield piece
