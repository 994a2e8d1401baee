"""R9: PostgreSQL goes away and comes back, again and again, under workers, pages and programs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client

from apps.accounts.api_keys import create_key
from apps.pipeline.models import Job
from canvascast.operations.reconcile import reconcile
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, STEPS_ONLY, running_fleet
from tests.chaos.ground import SETTINGS, storm_ground, storm_post
from tests.chaos.installation import DatabaseServer, ask, database_of, own_server, running_web
from tests.chaos.records import Figure, Scenarios, Scene
from tests.workers import wait_until

pytestmark = pytest.mark.goal("R9")
SEED = 9
STORM_SECONDS = 300.0
_OUTAGE_WORDS = "does not answer"
# What was asked or answered so near to a stop or a start may have met either.
_EDGE_SECONDS = 1.0
# A look at the migrations is believed for five seconds.
_READY_AGAIN_SECONDS = 12.0
_PROBE_SECONDS = 0.3
_PROGRAMS = 6
# So many that nobody gets more mails than one person may in an hour.
_USERS = 48


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_or_made_twice_while_the_database_comes_and_goes(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path),
        storm_post() as (post, mail),
        own_server(tmp_path) as server,
        database_of(server),
        scenario("R9", "restarts", size="full", seed=SEED, broken=lambda: reconcile(deep=True)) as scene,
    ):
        environment = {"DJANGO_SETTINGS_MODULE": SETTINGS, "DATABASE_URL": server.url, **mail}
        crowd, random = Crowd(_USERS, Random(SEED)), Random(SEED)
        secrets = [create_key(user=user, name="storm", at=user.created_at)[1] for user in crowd.users]
        programs = [Program(secrets[number::_PROGRAMS]) for number in range(_PROGRAMS)]
        session = _session_of(crowd)
        with (
            running_web(tmp_path, environment) as (_, port),
            running_fleet(tmp_path, environment, EVERYTHING, STEPS_ONLY),
        ):
            probe = Probe(port, session)
            with _asking(port, programs, probe):
                outages = _come_and_go(server, random, seconds=STORM_SECONDS)
            wait_until(lambda: ask(port, "/ready").status == 200, seconds=60, what="the site to be ready again")
            # This process's own session ended with the first outage.
            connection.close()
            jobs = list(Job.objects.filter(user__in=crowd.users))
            wait_until(lambda: evidence.all_ended(jobs), seconds=120, what="the end of every job")
            wait_until(lambda: evidence.mails_settled(jobs), seconds=300, what="every mail")

        told, states, mails = probe.told(outages), evidence.outcomes(jobs), evidence.mails(post, jobs)
        ordered = [job for program in programs for job in program.jobs]
        lost = set(ordered) - {str(job.pk) for job in jobs}
        extra = len(jobs) - sum(program.keys for program in programs)
        scene.note(restarts=len(outages), jobs=len(jobs), ready=states["READY"], failed=states["FAILED"])
        scene.note(lost=len(lost), ordered_twice=extra, duplicate_artifacts=evidence.made_twice(jobs))
        scene.note(mails=mails.found, duplicate_mails=mails.twice, mails_held_back=mails.held_back, **told)
        assert (lost, extra) == (set(), 0)
        assert evidence.made_twice(jobs) == 0
        assert states == {"READY": len(jobs)}
        assert (mails.found, mails.twice) == (mails.wanted, 0)
        assert (told["health_not_200"], told["ready_not_503_while_down"], told["page_not_503_while_down"]) == (0, 0, 0)
        assert (told["ready_late"], told["page_not_200_while_up"]) == (0, 0)


def cut_all_sessions(crowd: Crowd, scene: Scene, *, times: int) -> None:
    """End every session but our own while jobs run, as a crash of the server does; nothing is lost or made twice."""
    jobs = [crowd.order(*(crowd.word("nap", 100, 400) for _ in range(3))) for _ in range(5)]
    cut = 0
    for _ in range(times):
        time.sleep(crowd.random.uniform(0.2, 0.6))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            cut += cursor.fetchone()[0]
    wait_until(lambda: evidence.all_ended(jobs), seconds=60, what="the end of every job")

    scene.note(sessions_cut=cut, jobs=len(jobs), duplicate_artifacts=evidence.made_twice(jobs))
    assert cut > 0
    assert evidence.made_twice(jobs) == 0
    assert evidence.outcomes(jobs) == {"READY": len(jobs)}


@dataclass(frozen=True)
class Outage:
    """When the server was told to stop, was down, was told to start, and was up."""

    stopping: float
    down: float
    starting: float
    up: float


@dataclass
class Program:
    """Orders one small video after another, for one user and then the next, each under a key that it keeps until the
    order was answered."""

    secrets: list[str]
    keys: int = 0
    jobs: list[str] = field(default_factory=list)

    def order_until(self, is_over: threading.Event, port: int, random: Random) -> None:
        while not is_over.is_set():
            key, text = str(uuid4()), f"nap-{random.randint(50, 400)}-{uuid4().hex[:8]} film-200-{uuid4().hex[:8]}"
            self.keys += 1
            while (answer := self._order(port, key, text)).status != 201:
                assert answer.status in (0, 429, 503), answer
                time.sleep(0.5)
            self.jobs.append(answer.json()["jobId"])
            is_over.wait(random.uniform(2, 5))

    def _order(self, port: int, key: str, text: str):
        body = {"promptText": text, "nichePreset": "facts", "targetMinutes": 1}
        secret = self.secrets[self.keys % len(self.secrets)]
        return ask(port, "/api/v1/projects", body=body, Authorization=f"Bearer {secret}", Idempotency_Key=key)


@dataclass(frozen=True)
class Look:
    """One answer: from when to when it was waited for, of what, and whether an outage was told in words."""

    began: float
    ended: float
    path: str
    status: int
    tells_outage: bool


class Probe:
    """Looks at /health, /ready and a signed-in page all the time."""

    def __init__(self, port: int, session: str) -> None:
        self._port, self._session = port, session
        self._looks: list[Look] = []

    def look_until(self, is_over: threading.Event) -> None:
        while not is_over.wait(_PROBE_SECONDS):
            for path in ("/health", "/ready", "/app"):
                began = time.time()
                answer = ask(self._port, path, Cookie=f"{site.SESSION_COOKIE_NAME}={self._session}")
                self._looks.append(Look(began, time.time(), path, answer.status, _OUTAGE_WORDS in answer.body))

    def told(self, outages: list[Outage]) -> dict[str, Figure]:
        """Count what was answered otherwise than it should."""
        health, ready, page = (
            [look for look in self._looks if look.path == path] for path in ("/health", "/ready", "/app")
        )
        down = [look for look in ready if _within(look, outages)]
        down_pages = [look for look in page if _within(look, outages)]
        return {
            "looks": len(self._looks),
            "health_not_200": sum(look.status != 200 for look in health),
            "ready_while_down": len(down),
            "ready_not_503_while_down": sum(look.status != 503 for look in down),
            "ready_late": sum(look.status != 200 for look in ready if _long_up(look, outages, _READY_AGAIN_SECONDS)),
            "page_not_503_while_down": sum(look.status != 503 or not look.tells_outage for look in down_pages),
            "page_not_200_while_up": sum(look.status != 200 for look in page if _long_up(look, outages, _EDGE_SECONDS)),
            "slowest_seconds": round(max(look.ended - look.began for look in self._looks), 2),
        }


def _within(look: Look, outages: list[Outage]) -> bool:
    return any(outage.down < look.began and look.ended < outage.starting for outage in outages)


def _long_up(look: Look, outages: list[Outage], seconds: float) -> bool:
    """Tell whether the server was up all the while, and had been for that long."""
    return all(look.ended < outage.stopping or look.began > outage.up + seconds for outage in outages) and (
        bool(outages) and look.ended < outages[-1].up
    )


@contextmanager
def _asking(port: int, programs: list[Program], probe: Probe) -> Iterator[None]:
    """Let the programs order and the probe look, each in a thread of its own, while the block runs."""
    is_over = threading.Event()
    threads = [threading.Thread(target=probe.look_until, args=(is_over,))]
    for number, program in enumerate(programs):
        arguments = (is_over, port, Random(f"{SEED} {number}"))
        threads.append(threading.Thread(target=program.order_until, args=arguments))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def _come_and_go(server: DatabaseServer, random: Random, *, seconds: float) -> list[Outage]:
    """Stop the server every 5 to 40 seconds, as an operator and as a crash does, and start it again soon."""
    outages: list[Outage] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(random.uniform(5, 40))
        stopping = time.time()
        server.stop(random.choice(("fast", "immediate")))
        down = time.time()
        time.sleep(random.uniform(0.5, 4))
        starting = time.time()
        server.start()
        outages.append(Outage(stopping, down, starting, time.time()))
    time.sleep(_READY_AGAIN_SECONDS)
    return outages


def _session_of(crowd: Crowd) -> str:
    browser = Client()
    browser.force_login(crowd.users[0])
    return browser.cookies[site.SESSION_COOKIE_NAME].value
