"""What a customer's program does there: order a film of some ten seconds, load it down, delete it."""

from __future__ import annotations

import hashlib
import io
import random
import time
import uuid
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import av
import requests

from canvascast.operations.smoke.site import ANSWER_SECONDS, Site, SmokeFailed, with_status

_POLL_SECONDS = 1.0
_TERMINAL = ("READY", "FAILED", "CANCELED")


class Program:
    """Who holds `api_key`. Acts follow one another as they stand here; each raises SmokeFailed."""

    def __init__(self, site: Site, *, api_key: str, patience_seconds: float) -> None:
        self._site = site
        self._patience_seconds = patience_seconds
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {api_key}"
        self._project = self._job = ""
        self._before: dict[str, int] = {}
        self._assets: dict[str, dict[str, Any]] = {}  # Any: JSON, by file name

    def order(self) -> None:
        """Order a film twice under one key and get one."""
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
            self._site.expect, self._http.post, "/api/v1/projects", json=body, headers=key, status=HTTPStatus.CREATED
        )
        first = post().json()
        self._project, self._job = first["projectId"], first["jobId"]
        if post().json() != first:
            raise SmokeFailed("the same order sent again became another video")

    def wait(self) -> None:
        """Wait for the film, as long as patience lasts."""
        until = time.monotonic() + self._patience_seconds
        while (job := self._ask(f"/api/v1/jobs/{self._job}/status")["job"])["status"] not in _TERMINAL:
            if time.monotonic() > until:
                raise SmokeFailed(f"after {self._patience_seconds:g} s it is still {job['status']}")
            time.sleep(_POLL_SECONDS)
        if job["status"] != "READY":
            raise SmokeFailed(f"it ended {job['status']}: {job['errorCode']} in {job['failedStep']}")

    def download(self) -> None:
        """Load film and captions down, and look into them."""
        answer = self._ask(f"/api/v1/jobs/{self._job}/assets")
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

    def seek(self) -> None:
        """Load a piece from the middle, as players do."""
        answer = self._fetch("video.mp4", Range="bytes=100-199", status=HTTPStatus.PARTIAL_CONTENT)
        if len(answer.content) != 100:
            raise SmokeFailed(f"{len(answer.content)} bytes came instead of 100")

    def look_at_credits(self) -> None:
        """See that something was charged and nothing is set aside any more."""
        after = self._balance()
        if after["reserved"] != self._before["reserved"] or after["available"] >= self._before["available"]:
            raise SmokeFailed(f"the balance was {self._before} and is {after}")

    def delete(self) -> None:
        """Delete the video and find it gone."""
        path = f"/api/v1/projects/{self._project}"
        self._site.expect(self._http.delete, path, status=HTTPStatus.NO_CONTENT)
        self._site.expect(self._http.get, path, status=HTTPStatus.NOT_FOUND)
        self._project = ""

    def tidy(self) -> None:
        """Delete what was ordered, if it is still there."""
        with suppress(requests.RequestException):
            if self._project:
                self._http.delete(self._site.url(f"/api/v1/projects/{self._project}"), timeout=ANSWER_SECONDS)

    def _balance(self) -> dict[str, int]:
        return self._ask("/api/v1/credits/balance")

    def _ask(self, path: str) -> dict[str, Any]:  # Any: JSON
        return dict(self._site.expect(self._http.get, path).json())

    def _fetch(self, name: str, *, status: int = HTTPStatus.OK, **headers: str) -> requests.Response:
        asset_id = self._assets[name]["id"]
        link = self._site.expect(self._http.post, f"/api/v1/assets/{asset_id}/download").json()
        answer = requests.get(self._site.url(link["downloadUrl"]), headers=headers, timeout=ANSWER_SECONDS)
        return with_status(answer, status)
