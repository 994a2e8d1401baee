"""`python -m bench.status_load`: how fast the status of a video is answered while videos are rendered.

Production settings, gunicorn with two processes of four threads, a worker on the same machine. Each client asks every
two seconds, as pages do, over one kept connection; five clients follow one video. The first five seconds do not count:
a web process loads the site with its first request.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles

from bench.site import HOST, customer, order, served, temporary_site, working

CLIENTS_A_VIDEO = 5
WARM_UP_SECONDS = 5.0


@dataclass(frozen=True)
class Followed:
    """A client's key and the job it follows."""

    secret: str
    job_id: str


@dataclass
class Answers:
    """What came back: milliseconds of each answer, and how often each HTTP status and job status was seen."""

    milliseconds: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)


def main() -> int:
    """Measure and print one line of figures; 1 when an answer was not a 200."""
    options = _options()
    with temporary_site():
        followed = _prepare(options.clients)
        with served(options.port), working():
            answers = _follow(followed, options)
    _print(answers, options)
    return 0 if set(answers.codes) == {200} else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between the questions of one client")
    parser.add_argument("--port", type=int, default=8765)
    return parser.parse_args()


def _prepare(clients: int) -> list[Followed]:
    """Store users with a video of a minute to be made, and a key for each client."""
    videos = -(-clients // CLIENTS_A_VIDEO)
    return [each for number in range(videos) for each in _user_with_video(number)][:clients]


def _user_with_video(number: int) -> list[Followed]:
    from django.utils import timezone

    from apps.accounts.api_keys import create_key

    at = timezone.now()
    user = customer(f"client{number}@example.com", credits=10)
    job = order(user, f"Why do cats purr, part {number + 1}?")
    return [Followed(create_key(user=user, name="bench", at=at)[1], str(job.pk)) for _ in range(CLIENTS_A_VIDEO)]


def _follow(followed: list[Followed], options: argparse.Namespace) -> Answers:
    answers = Answers()
    lock = threading.Lock()
    until = time.monotonic() + WARM_UP_SECONDS + options.seconds
    clients = [
        threading.Thread(target=_ask_until, args=(each, until, number / len(followed), options, answers, lock))
        for number, each in enumerate(followed)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return answers


def _ask_until(
    followed: Followed, until: float, share: float, options: argparse.Namespace, answers: Answers, lock: threading.Lock
) -> None:
    connection = http.client.HTTPConnection(HOST, options.port, timeout=30)
    headers = {"Authorization": f"Bearer {followed.secret}", "X-Forwarded-Proto": "https"}
    time.sleep(share * options.pause)
    while time.monotonic() < until:
        time.sleep(options.pause)
        began = time.perf_counter()
        connection.request("GET", f"/api/v1/jobs/{followed.job_id}/status", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if time.monotonic() < until - options.seconds:
            continue
        with lock:
            answers.milliseconds.append(took)
            answers.codes[answer.status] += 1
            answers.statuses[json.loads(body)["job"]["status"] if answer.status == 200 else "-"] += 1


def _print(answers: Answers, options: argparse.Namespace) -> None:
    cuts = quantiles(answers.milliseconds, n=100)
    print(
        f"status: {options.clients} clients every {options.pause:g} s for {options.seconds:g} s beside rendering: "
        f"{len(answers.milliseconds)} answers {dict(answers.codes)}, p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, "
        f"p99 {cuts[98]:.0f} ms, most {max(answers.milliseconds):.0f} ms; seen {dict(answers.statuses)}"
    )


if __name__ == "__main__":
    sys.exit(main())
