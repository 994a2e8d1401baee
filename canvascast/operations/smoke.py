"""The whole way of a customer through a running site, over HTTP: what to run after each deployment."""

from __future__ import annotations

import hashlib
import io
import random
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import av
import requests

_ANSWER_SECONDS = 30
_POLL_SECONDS = 1.0
_TERMINAL = ("READY", "FAILED", "CANCELED")
_STYLESHEET = re.compile(r'<link[^>]+href="([^"]+\.css)"')
_FORM = re.compile(r"<form[^>]+method=\"post\"", re.IGNORECASE)


class SmokeFailed(Exception):
    """One thing is not as it must be; the message says which and what was answered instead."""


@dataclass(frozen=True)
class Passed:
    """One thing that works, and how long it took."""

    name: str
    seconds: float


def smoke(*, site: str, api_key: str, patience_seconds: float) -> Iterator[Passed]:
    """Go from the home page to a film of some ten seconds on disk, and delete it again. Raises SmokeFailed.

    `patience_seconds` is the longest that the film may take. What was ordered is deleted also when something fails.
    """
    visit = _Visit(site.rstrip("/"), api_key, patience_seconds)
    try:
        for name, act in visit.acts():
            began = time.monotonic()
            try:
                act()
            except (requests.RequestException, KeyError, ValueError) as error:
                raise SmokeFailed(f"{name}: {type(error).__name__}") from error
            except SmokeFailed as error:
                raise SmokeFailed(f"{name}: {error}") from error
            yield Passed(name, round(time.monotonic() - began, 2))
    finally:
        visit.tidy()


class _Visit:
    def __init__(self, site: str, api_key: str, patience_seconds: float) -> None:
        self._site = site
        self._patience_seconds = patience_seconds
        self._browser = requests.Session()
        self._program = requests.Session()
        self._program.headers["Authorization"] = f"Bearer {api_key}"
        self._project = self._job = ""
        self._before: dict[str, int] = {}
        self._assets: dict[str, dict[str, Any]] = {}  # Any: JSON, by file name

    def acts(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        return (
            ("the site is ready", self._is_ready),
            ("the home page has its looks and its form", self._home),
            ("an idea is kept without an account", self._draft),
            ("an order is taken once", self._order),
            ("the film gets ready", self._wait),
            ("the film plays and is what its manifest says", self._download),
            ("a player may seek in it", self._seek),
            ("credits were charged as promised", self._charged),
            ("a deleted video is gone", self._delete),
        )

    def tidy(self) -> None:
        """Delete what was ordered, if it is still there."""
        with suppress(requests.RequestException):
            if self._project:
                self._program.delete(self._url(f"/api/v1/projects/{self._project}"), timeout=_ANSWER_SECONDS)

    def _is_ready(self) -> None:
        self._expect(self._browser.get, "/health")
        answer = self._browser.get(self._url("/ready"), timeout=_ANSWER_SECONDS)
        failing = [name for name, is_well in answer.json()["checks"].items() if not is_well]
        if failing or answer.status_code != HTTPStatus.OK:
            raise SmokeFailed(f"/ready answers {answer.status_code}: {', '.join(failing)}")

    def _home(self) -> None:
        page = self._expect(self._browser.get, "/").text
        sheets = _STYLESHEET.findall(page)
        if not sheets or not _FORM.search(page):
            raise SmokeFailed("the page has no stylesheet or no form")
        for sheet in sheets:
            self._expect(self._browser.get, sheet)

    def _draft(self) -> None:
        body = {"promptText": "Why do lighthouses blink?", "options": {"nichePreset": "facts"}}
        kept = self._expect(self._browser.post, "/api/draft", json=body).json()
        if self._expect(self._browser.get, "/api/draft").json()["draftId"] != kept["draftId"]:
            raise SmokeFailed("another draft came back than was kept")

    def _order(self) -> None:
        self._before = self._balance()
        # A number of its own, for what was said before is not made again.
        words = f"This is check number {random.randint(10_000, 99_999)}. A lighthouse blinks so that sailors know it."
        body = {
            "transcriptMode": "manual",
            "transcriptText": f"{words} Each one has a rhythm of its own.",
            "title": "Smoke test",
            "nichePreset": "facts",
            "targetMinutes": 0.5,
            "shape": "1:1",
        }
        key = {"Idempotency-Key": f"smoke-{uuid.uuid4()}"}
        post = partial(
            self._expect, self._program.post, "/api/v1/projects", json=body, headers=key, status=HTTPStatus.CREATED
        )
        first = post(status=HTTPStatus.CREATED).json()
        self._project, self._job = first["projectId"], first["jobId"]
        if post(status=HTTPStatus.CREATED).json() != first:
            raise SmokeFailed("the same order sent again became another video")

    def _wait(self) -> None:
        until = time.monotonic() + self._patience_seconds
        while (job := self._expect(self._program.get, f"/api/v1/jobs/{self._job}/status").json()["job"]) is not None:
            if job["status"] in _TERMINAL:
                break
            if time.monotonic() > until:
                raise SmokeFailed(f"after {self._patience_seconds:g} s it is still {job['status']}")
            time.sleep(_POLL_SECONDS)
        if job["status"] != "READY":
            raise SmokeFailed(f"it ended {job['status']}: {job['errorCode']} in {job['failedStep']}")

    def _download(self) -> None:
        answer = self._expect(self._program.get, f"/api/v1/jobs/{self._job}/assets").json()
        self._assets = {asset["filename"]: asset for asset in answer["assets"]}
        promised = {file["name"]: file["sha256"] for file in answer["manifest"]["files"]}
        film = self._fetch("video.mp4").content
        if hashlib.sha256(film).hexdigest() != promised["video.mp4"]:
            raise SmokeFailed("video.mp4 has another hash than the manifest says")
        if "-->" not in self._fetch("captions.vtt").text:
            raise SmokeFailed("captions.vtt has no captions")
        with av.open(io.BytesIO(film), "r") as container:
            kinds = [stream.type for stream in container.streams]
            frames = len(list(container.decode(video=0)))
        if kinds != ["video", "audio"] or frames < 2:
            raise SmokeFailed(f"video.mp4 has {kinds} and {frames} frames")

    def _seek(self) -> None:
        answer = self._fetch("video.mp4", Range="bytes=100-199", status=HTTPStatus.PARTIAL_CONTENT)
        if len(answer.content) != 100:
            raise SmokeFailed(f"{len(answer.content)} bytes came instead of 100")

    def _charged(self) -> None:
        after = self._balance()
        if after["reserved"] != self._before["reserved"] or after["available"] >= self._before["available"]:
            raise SmokeFailed(f"the balance was {self._before} and is {after}")

    def _delete(self) -> None:
        path = f"/api/v1/projects/{self._project}"
        self._expect(self._program.delete, path, status=HTTPStatus.NO_CONTENT)
        self._expect(self._program.get, path, status=HTTPStatus.NOT_FOUND)
        self._project = ""

    def _balance(self) -> dict[str, int]:
        return dict(self._expect(self._program.get, "/api/v1/credits/balance").json())

    def _fetch(self, name: str, *, status: int = HTTPStatus.OK, **headers: str) -> requests.Response:
        link = self._expect(self._program.post, f"/api/v1/assets/{self._assets[name]['id']}/download").json()
        answer = requests.get(self._url(link["downloadUrl"]), headers=headers, timeout=_ANSWER_SECONDS)
        return _with_status(answer, status)

    def _expect(
        self,
        ask: Callable[..., requests.Response],
        path: str,
        *,
        status: int = HTTPStatus.OK,
        **options: Any,  # Any: of requests
    ) -> requests.Response:
        return _with_status(ask(self._url(path), timeout=_ANSWER_SECONDS, **options), status)

    def _url(self, path: str) -> str:
        return urljoin(f"{self._site}/", path)


def _with_status(answer: requests.Response, status: int) -> requests.Response:
    if answer.status_code != status:
        path = urlsplit(answer.url).path
        raise SmokeFailed(f"{answer.request.method} {path} answers {answer.status_code} instead of {status}")
    return answer
