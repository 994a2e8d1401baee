"""The site that is visited: what it answers, or what is not as it must be."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

ANSWER_SECONDS = 30
_PAUSE_SECONDS = 1.0


class SmokeFailed(Exception):
    """One thing is not as it must be; the message says which and what was answered instead."""


class Site:
    """A site by its address."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def url(self, path: str) -> str:
        """Return the address of a path, or of what a page names in whatever form."""
        return urljoin(f"{self._address}/", path)

    def expect(
        self,
        ask: Callable[..., requests.Response],
        path: str,
        *,
        status: int = HTTPStatus.OK,
        **options: Any,  # Any: of requests
    ) -> requests.Response:
        """Return the answer. Raises SmokeFailed when it has another status, RequestException when there is none."""
        return with_status(ask(self.url(path), timeout=ANSWER_SECONDS, **options), status)

    def wait_until_ready(self, *, seconds: float, say: Callable[[str], None]) -> None:
        """Wait for so long at most, for workers that were restarted are seen by their first beat; `say` it once.

        Raises SmokeFailed with what is still missing then.
        """
        until = time.monotonic() + seconds
        is_told = False
        while trouble := self._trouble():
            if time.monotonic() >= until:
                raise SmokeFailed(trouble)
            if not is_told:
                say(f"  waiting up to {seconds:g} s: {trouble}")
                is_told = True
            time.sleep(min(_PAUSE_SECONDS, seconds))

    def _trouble(self) -> str:
        try:
            self.expect(requests.get, "/health")
            answer = requests.get(self.url("/ready"), timeout=ANSWER_SECONDS)
            failing = [name for name, is_well in answer.json()["checks"].items() if not is_well]
        except (requests.RequestException, KeyError, ValueError) as error:
            return type(error).__name__
        except SmokeFailed as error:
            return str(error)
        if failing or answer.status_code != HTTPStatus.OK:
            return f"/ready answers {answer.status_code}: {', '.join(failing)}"
        return ""


def with_status(answer: requests.Response, status: int) -> requests.Response:
    """Return the answer. Raises SmokeFailed when it has another status."""
    if answer.status_code != status:
        path = urlsplit(answer.url).path
        raise SmokeFailed(f"{answer.request.method} {path} answers {answer.status_code} instead of {status}")
    return answer
