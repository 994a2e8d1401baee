"""`python -m bench.load`: many people look on while some order, on one machine that also renders.

Production settings, gunicorn with two processes of four threads, a worker service of two processes. Half of those who
look follow their video's page (its progress fragment, signed in, every two seconds as the page asks), half its status
by the API. Half of those who order do it by the form, with the page before it, half by the API. Before them, one user
orders five videos: `unfair` counts the videos that were begun although another user's first one waited since before
that. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlencode

from bench.site import HOST, customer, order, served, temporary_site, working

VIDEOS_OF_ONE = 5
WARM_UP_SECONDS = 5.0
_MOST_WARM_UP_SECONDS, _QUICK_ANSWERS = 180.0, 16
_TOKEN = "c" * 32
_UNFAIR = """
    WITH mine AS (SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY created_at) AS number FROM jobs)
    SELECT count(*) FROM mine later WHERE later.number > 1 AND later.started_at IS NOT NULL AND EXISTS (
        SELECT FROM mine first WHERE first.number = 1 AND first.user_id <> later.user_id
            AND first.created_at < later.started_at - interval '1 second'
            AND coalesce(first.started_at, now()) > later.started_at AND first.turn < later.turn)"""


@dataclass(frozen=True)
class Person:
    """Somebody with a session, a key, and perhaps a video to look at."""

    headers: Mapping[str, str]
    secret: str
    project_id: str = ""
    job_id: str = ""


class Answers:
    """Milliseconds of each kind of request, and what was answered; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._milliseconds: defaultdict[str, list[float]] = defaultdict(list)
        self._codes: Counter[str] = Counter()

    def note(self, kind: str, code: str, milliseconds: float) -> None:
        with self._lock:
            self._milliseconds[kind].append(milliseconds)
            self._codes[code] += 1

    def figures(self) -> dict[str, float | int | str]:
        """Return counts and percentiles by kind, flat."""
        found: dict[str, float | int | str] = {}
        for kind, taken in sorted(self._milliseconds.items()):
            cuts = quantiles(taken, n=100) if len(taken) > 1 else taken * 99
            found |= {f"{kind}_answers": len(taken), f"{kind}_p50_ms": round(cuts[49])}
            found |= {f"{kind}_p95_ms": round(cuts[94]), f"{kind}_p99_ms": round(cuts[98])}
        wrong = {code: count for code, count in self._codes.items() if not code.startswith(("2", "302"))}
        return {**found, "errors": sum(wrong.values()), "wrong": json.dumps(wrong)}


def main() -> int:
    """Measure and print; 1 when anything was answered with an error or out of order."""
    options = _options()
    with temporary_site(WORKER_PROCESSES="2"):
        lookers, buyers, price = _prepare(options)
        with served(options.port), working():
            _warm_up(lookers[0], options.port)
            answers = _crowd(lookers, buyers, price, options)
            figures = answers.figures() | _what_came_of_it()
    print(json.dumps(figures))
    return 1 if figures["errors"] or figures["unfair"] or figures["broken"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looking", type=int, default=200)
    parser.add_argument("--ordering", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between the questions of one who looks")
    parser.add_argument("--port", type=int, default=8767)
    return parser.parse_args()


def _prepare(options: argparse.Namespace) -> tuple[list[Person], list[Person], int]:
    """Store people: one with five videos, those who look with one of their own each, and those who will order."""
    many = customer("many@example.com", credits=1000)
    jobs = [order(many, f"Why do cats purr, part {number}?") for number in range(VIDEOS_OF_ONE)]
    lookers = [_with_a_video(f"looker{number}@example.com") for number in range(options.looking)]
    buyers = [_person(customer(f"buyer{number}@example.com", credits=100)) for number in range(options.ordering)]
    return lookers, buyers, jobs[0].price


def _with_a_video(address: str) -> Person:
    user = customer(address, credits=100)
    job = order(user, f"Why do cats purr at {address}?")
    return _person(user, str(job.project_id), str(job.pk))


def _person(user: object, project_id: str = "", job_id: str = "") -> Person:
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from apps.accounts.api_keys import create_key
    from apps.accounts.models import User

    assert isinstance(user, User)
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={_TOKEN}"
    _, secret = create_key(user=user, name="bench", at=timezone.now())
    return Person({"Cookie": cookies}, secret, project_id, job_id)


def _crowd(lookers: list[Person], buyers: list[Person], price: int, options: argparse.Namespace) -> Answers:
    answers = Answers()
    began = time.monotonic()
    threads = [
        threading.Thread(target=_look, args=(person, number, began, answers, options))
        for number, person in enumerate(lookers)
    ] + [
        threading.Thread(target=_buy, args=(person, number, began, price, answers, options))
        for number, person in enumerate(buyers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _warm_up(person: Person, port: int) -> None:
    """Ask until every web process has loaded the site, so that what is measured is not their start."""
    deadline, quick = time.monotonic() + _MOST_WARM_UP_SECONDS, 0
    while quick < _QUICK_ANSWERS:
        began = time.monotonic()
        if began > deadline:
            raise TimeoutError("the web processes do not answer")
        _Visit(person, port, Answers()).page("", "GET", f"/app/videos/{person.project_id}/progress")
        quick = quick + 1 if time.monotonic() - began < 1 else 0


def _look(person: Person, number: int, began: float, answers: Answers, options: argparse.Namespace) -> None:
    visit = _Visit(person, options.port, answers)
    time.sleep(number / options.looking * options.pause)
    while time.monotonic() < began + WARM_UP_SECONDS + options.seconds:
        kind = "" if time.monotonic() < began + WARM_UP_SECONDS else ("page", "api")[number % 2]
        if number % 2:
            visit.api(kind, "GET", f"/api/v1/jobs/{person.job_id}/status")
        else:
            visit.page(kind, "GET", f"/app/videos/{person.project_id}/progress", {"HX-Request": "true"})
        time.sleep(options.pause)


def _buy(person: Person, number: int, began: float, price: int, answers: Answers, options: argparse.Namespace) -> None:
    visit = _Visit(person, options.port, answers)
    time.sleep(max(0.0, began + WARM_UP_SECONDS + number / options.ordering * options.seconds - time.monotonic()))
    prompt = f"Why do cats purr, as asked by number {number}?"
    if number % 2:
        body = {"promptText": prompt, "nichePreset": "explainer", "targetMinutes": 1, "transcriptMode": "auto"}
        visit.api("order_api", "POST", "/api/v1/projects", body)
        return
    visit.page("form", "GET", "/app/new")
    sent = {"way": "describe", "prompt": prompt, "minutes": "1", "niche": "explainer", "key": str(uuid.uuid4())}
    body_of_form = urlencode({**sent, "make": "1", "agreed": str(price), "csrfmiddlewaretoken": _TOKEN})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{HOST}:{options.port}/app/new"}
    visit.page("order_form", "POST", "/app/new", headers, body_of_form)


class _Visit:
    """One kept connection of one person."""

    def __init__(self, person: Person, port: int, answers: Answers) -> None:
        self._person = person
        self._answers = answers
        self._connection = http.client.HTTPConnection(HOST, port, timeout=30)

    def page(
        self, kind: str, method: str, path: str, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> None:
        self._ask(kind, method, path, {**self._person.headers, **(headers or {})}, body)

    def api(self, kind: str, method: str, path: str, body: Mapping[str, object] | None = None) -> None:
        headers = {"Authorization": f"Bearer {self._person.secret}", "Content-Type": "application/json"}
        self._ask(kind, method, path, headers, None if body is None else json.dumps(body))

    def _ask(self, kind: str, method: str, path: str, headers: Mapping[str, str], body: str | None) -> None:
        began = time.perf_counter()
        try:
            self._connection.request(method, path, body, {**headers, "X-Forwarded-Proto": "https"})
            answer = self._connection.getresponse()
            answer.read()
            code = f"{answer.status} {method} {path.split('/')[1]}"
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            code = type(error).__name__
        if kind:
            self._answers.note(kind, code, (time.perf_counter() - began) * 1000)


def _what_came_of_it() -> dict[str, int]:
    from django.db import connection

    from canvascast.operations.reconcile import reconcile

    with connection.cursor() as cursor:
        cursor.execute(_UNFAIR)
        (unfair,) = cursor.fetchone()
        cursor.execute("SELECT count(*), count(started_at), count(*) FILTER (WHERE state = 'READY') FROM jobs")
        ordered, begun, ready = cursor.fetchone()
    broken = len(list(reconcile()))
    return {"ordered": ordered, "begun": begun, "ready": ready, "unfair": unfair, "broken": broken}


if __name__ == "__main__":
    sys.exit(main())
