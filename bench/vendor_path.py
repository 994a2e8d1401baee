"""`python -m bench.vendor_path`: how far from its critical path a video is that vendors make.

The vendors are servers on loopback that answer after 2 s (script), 1 s (voice) and 3 s (picture); everything else is
the product: a worker service, the embedded database, `make_video`. A video of a minute and about ten scenes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from canvascast.embedded.postgres import embedded_database
from tests.flows.vendors import Vendors, open_vendors
from tests.wire.elevenlabs import SPEECH_PATH
from tests.wire.gemini_pictures import PATH as PICTURE_PATH
from tests.workplace import Workplace, opened_workplace

SCRIPT_SECONDS, VOICE_SECONDS, PICTURE_SECONDS = 2.0, 1.0, 3.0
GOAL = 1.25


@dataclass(frozen=True)
class VendorPath:
    """When each step was begun and ended, in seconds from the job's start."""

    spans: dict[str, tuple[float, float]]
    scenes: int
    asked_twice: int

    def length(self, step: str) -> float:
        began, ended = self.spans[step]
        return ended - began


def main() -> int:
    """Make one video and print its path; 1 when it is longer than the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--concurrency", type=int, default=6, help="calls at once, for each vendor")
    parser.add_argument("--minutes", default="1")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="canvascast-bench-") as folder,
        embedded_database(Path(folder) / "postgres") as url,
    ):
        os.environ["DATABASE_URL"] = url
        with opened_workplace(Path(folder)) as workplace, open_vendors() as vendors:
            path = _make(vendors, workplace, options)
    return _print(path, options.concurrency)


def _make(vendors: Vendors, workplace: Workplace, options: argparse.Namespace) -> VendorPath:
    vendors.openai.delay_seconds = {"/v1/chat/completions": SCRIPT_SECONDS}
    vendors.elevenlabs.delay_seconds = {SPEECH_PATH: VOICE_SECONDS}
    vendors.gemini.delay_seconds = {PICTURE_PATH: PICTURE_SECONDS}
    place = vendors.at(workplace, SPEAKERS="elevenlabs", PROVIDER_CONCURRENCY=_limits(options.concurrency))
    with _working(place):
        made = place.run("make_video", "Why do cats purr?", "--minutes", options.minutes, "--json", "--out", "film.mp4")
    assert made.returncode == 0, made.stderr[-2000:]
    return _path(place, json.loads(made.stdout)["job_id"])


@contextlib.contextmanager
def _working(place: Workplace) -> Iterator[None]:
    """Have a worker service that has been there for a while, as a site has."""
    service = place.start("worker", output=subprocess.DEVNULL)
    try:
        while place.run("worker", "--health").returncode != 0:
            time.sleep(0.5)
        time.sleep(10.0)
        yield
    finally:
        service.terminate()
        service.wait(30)


def _limits(number: int) -> str:
    return ",".join(f"{vendor}={number}" for vendor in ("openai", "gemini", "elevenlabs"))


def _path(place: Workplace, job_id: str) -> VendorPath:
    with psycopg.connect(place.environment["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "SELECT s.step, extract(epoch FROM min(s.started_at) - min(j.created_at)), "
            "extract(epoch FROM max(s.finished_at) - min(j.created_at)), count(*) FILTER (WHERE s.part <> '') "
            "FROM job_steps s JOIN jobs j ON j.id = s.job_id WHERE j.id = %s GROUP BY s.step",
            (job_id,),
        ).fetchall()
        calls = connection.execute(
            "SELECT count(*) FROM provider_calls c JOIN job_steps s ON s.id = c.job_step_id "
            "WHERE s.job_id = %s AND c.method = 'narrate'",
            (job_id,),
        ).fetchone()
    spans = {step: (float(began), float(ended)) for step, began, ended, _ in rows}
    scenes = next(parts for step, _, _, parts in rows if step == "images")
    return VendorPath(spans, scenes, calls[0] if calls else 0)


def _print(path: VendorPath, concurrency: int) -> int:
    rounds = math.ceil(path.scenes / concurrency)
    script = (path.asked_twice + 1) * SCRIPT_SECONDS
    ideal = script + rounds * max(VOICE_SECONDS, PICTURE_SECONDS)
    ready = max(end for _, end in path.spans.values())
    before_render = path.spans["render"][0]
    for step, (began, ended) in sorted(path.spans.items(), key=lambda span: span[1]):
        print(f"  {step:<12} {began:7.2f} to {ended:7.2f} s")
    print(f"  {path.scenes} scenes, {concurrency} calls at once, {path.asked_twice} narrations asked for")
    times = before_render / ideal
    print(f"  until the render {before_render:.2f} s; vendors alone {ideal:.2f} s: {times:.2f}x (goal {GOAL})")
    print(f"  ready after {ready:.2f} s; render and package {ready - before_render:.2f} s")
    return 0 if before_render <= GOAL * ideal else 1


if __name__ == "__main__":
    raise SystemExit(main())
