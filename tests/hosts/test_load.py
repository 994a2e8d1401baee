"""Many look on and some order while the machine renders: no error, nobody's second video before another's first."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from canvascast.env import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.goal("load")]


def measured(*options: str) -> dict[str, float]:
    command = (sys.executable, "-m", "bench.load", *options)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stderr[-3000:]
    return json.loads(lines[-1])


@pytest.mark.timeout(1000)
@pytest.mark.parametrize(
    ("size", "looking", "ordering", "seconds"),
    [pytest.param("small", 10, 4, 5, marks=pytest.mark.small), ("full", 200, 50, 60)],
)
def test_crowd_is_answered_without_an_error(scenario, size, looking, ordering, seconds):
    with scenario("load", f"{looking} look, {ordering} order", size=size, broken=list) as scene:
        figures = measured("--looking", str(looking), "--ordering", str(ordering), "--seconds", str(seconds))
        scene.note(**figures)
        assert (figures["errors"], figures["unfair"], figures["broken"]) == (0, 0, 0)
