"""A soak: films flow through web and workers for a long time, and nothing that is held on to grows.

`make soak` takes half an hour (`MINUTES=5` for another time); the ordinary form takes seconds and judges no trend.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil
import pytest
from django.conf import settings as site
from django.test import Client, override_settings

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from apps.pipeline.models import Job
from canvascast.env import ROOT
from canvascast.operations.reconcile import reconcile
from canvascast.settings.storage import storages
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, Fleet, running_fleet
from tests.chaos.installation import DatabaseServer, ask, database_of, own_server, running_web
from tests.chaos.records import Scenarios, Scene
from tests.chaos.vitals import MEGABYTE, Vitals, bytes_below
from tests.workers import wait_until

MINUTES = float(os.environ.get("SOAK_MINUTES", "0.33"))
SEED = 30
SAMPLES = ROOT / "var" / "soak-samples.jsonl"
# Below this a trend says nothing: everything is still being loaded for the first time.
_SHORTEST_JUDGED_MINUTES = 10
_SAMPLE_SECONDS = 10 if MINUTES > 2 else 2
_FILMS_AT_ONCE = 2
_USERS = 24
_SETTINGS = "tests.chaos.settings_soak"
_TRANSCRIPT = "A lighthouse stands on cliff number {}. Sailors trust its light, even in the worst storms of winter."
_PAGES = ("/", "/pricing", "/app", "/app/new", "/health", "/ready", "/api/v1/projects")
_GOES_IN_SECONDS = 60
# So small that it is full before the trend is judged: what PostgreSQL caches of a growing table is no leak.
_SHARED_BUFFERS = "16MB"


@pytest.mark.slow
@pytest.mark.timeout(int(MINUTES * 60) + 900)
@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_held_on_to_grows(tmp_path: Path, scenario: Scenarios):
    with (
        override_settings(STORAGES={**storages(tmp_path), "staticfiles": site.STORAGES["staticfiles"]}),
        own_server(tmp_path) as server,
        database_of(server),
        scenario("soak", f"{MINUTES:g} minutes", size="full", seed=SEED, broken=lambda: reconcile(deep=True)) as scene,
    ):
        server.configure(shared_buffers=_SHARED_BUFFERS)
        (tmp_path / "tmp").mkdir()
        environment = {
            "DJANGO_SETTINGS_MODULE": _SETTINGS,
            "DATABASE_URL": server.url,
            "TMPDIR": str(tmp_path / "tmp"),
        }
        crowd = Crowd(_USERS, Random(SEED))
        with (
            running_web(tmp_path, environment) as (web, port),
            running_fleet(tmp_path, environment, EVERYTHING) as fleet,
        ):
            vitals = _vitals(tmp_path, server, fleet, web.pid)
            traffic = Traffic(port, [Visitor.of(user) for user in crowd.users])
            with traffic.flowing():
                _sample(vitals, minutes=MINUTES)
            jobs = list(Job.objects.filter(user__in=crowd.users))
            wait_until(lambda: evidence.all_ended(jobs), seconds=300, what="the last films")
            left = _left_over(tmp_path)

        _tell(scene, vitals, traffic, left)
        assert traffic.troubles == Counter()
        assert evidence.outcomes(jobs) == {"READY": len(jobs)}
        assert left == 0
        if MINUTES >= _SHORTEST_JUDGED_MINUTES:
            assert [name for name, (_, _, is_flat) in vitals.growths().items() if not is_flat] == []


@dataclass(frozen=True)
class Visitor:
    """A user's key for programs and session for pages."""

    secret: str
    session: str

    @classmethod
    def of(cls, user: User) -> Visitor:
        browser = Client()
        browser.force_login(user)
        _, secret = create_key(user=user, name="soak", at=user.created_at)
        return cls(secret, browser.cookies[site.SESSION_COOKIE_NAME].value)

    @property
    def program(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    @property
    def browser(self) -> dict[str, str]:
        return {"Cookie": f"{site.SESSION_COOKIE_NAME}={self.session}"}


@dataclass
class Traffic:
    """Orders films one after the other and looks at pages; counts answers that should not have come."""

    port: int
    visitors: list[Visitor]
    films: int = 0
    answers: int = 0
    troubles: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._is_over = threading.Event()
        self._lock = threading.Lock()

    @contextmanager
    def flowing(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._order, args=(number,)) for number in range(_FILMS_AT_ONCE)]
        threads.append(threading.Thread(target=self._browse))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()

    def _order(self, number: int) -> None:
        while not self._is_over.is_set():
            visitor = self.visitors[number % len(self.visitors)]
            body = {
                "nichePreset": "facts",
                "targetMinutes": 1,
                "transcriptMode": "manual",
                "transcriptText": _TRANSCRIPT.format(number),
                "shape": "1:1",
            }
            job = self._ask("/api/v1/projects", 201, body=body, **visitor.program).json()["jobId"]
            while not self._is_over.wait(1.0):
                status = self._ask(f"/api/v1/jobs/{job}/status", 200, **visitor.program).json()["job"]["status"]
                if status in ("READY", "FAILED", "CANCELED"):
                    break
            else:
                return
            self._ask(f"/api/v1/jobs/{job}/assets", 200, **visitor.program)
            with self._lock:
                self.films += 1
            number += _FILMS_AT_ONCE

    def _browse(self) -> None:
        random = Random(SEED)
        while not self._is_over.wait(0.5):
            self._ask(random.choice(_PAGES), 200, **random.choice(self.visitors).browser)

    def _ask(self, path: str, expected: int, *, body: object = None, **headers: str):
        answer = ask(self.port, path, body=body, timeout=60, **headers)
        with self._lock:
            self.answers += 1
            if answer.status != expected:
                self.troubles[f"{path[:20]} {answer.status}"] += 1
        return answer


def _vitals(folder: Path, server: DatabaseServer, fleet: Fleet, web: int) -> Vitals:
    def tree(pid: int) -> list[psutil.Process]:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]

    postmaster = int((server.data / "postmaster.pid").read_text().split()[0])
    groups = {
        "web": lambda: tree(web),
        # Without programs that come and go with the work.
        "worker": lambda: [member.process for member in fleet.members() if member.kind != "child"],
        "database": lambda: tree(postmaster),
    }
    return Vitals(groups, [folder / "scratch", folder / "tmp", *_half_files(folder)], server.url)


def _half_files(folder: Path) -> list[Path]:
    return [folder / "storage" / name / ".incoming" for name in ("generated-assets", "temp-processing")]


def _left_over(folder: Path) -> int:
    """Return the temporary bytes that are left when nothing is worked on any more."""
    places = [folder / "scratch", folder / "tmp", *_half_files(folder)]
    deadline = time.monotonic() + _GOES_IN_SECONDS
    while (left := sum(map(bytes_below, places))) and time.monotonic() < deadline:
        time.sleep(1)
    return left


def _sample(vitals: Vitals, *, minutes: float) -> None:
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        time.sleep(min(_SAMPLE_SECONDS, max(0.0, until - time.monotonic())))
        vitals.take()


def _tell(scene: Scene, vitals: Vitals, traffic: Traffic, left: int) -> None:
    SAMPLES.parent.mkdir(parents=True, exist_ok=True)
    SAMPLES.write_text("".join(f"{json.dumps(sample)}\n" for sample in vitals.samples))
    first, last = vitals.samples[0], vitals.samples[-1]
    scene.note(films=traffic.films, answers=traffic.answers, troubles=traffic.troubles.total(), left_bytes=left)
    scene.note(database_growth_bytes=int(last["database_size"] - first["database_size"]))
    for name, (growth, level, is_flat) in vitals.growths().items():
        words, unit = (name.removesuffix("_bytes"), MEGABYTE) if name.endswith("_bytes") else (name, 1)
        mark = "" if is_flat else " not flat"
        scene.note(**{words: f"{level / unit:.0f}{' MB' if unit > 1 else ''} {growth / unit:+.1f}{mark}"})
