"""S3: what anybody pastes comes out as its own visible characters or is refused, and costs what plain text costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from canvascast.env import ROOT

pytestmark = [pytest.mark.goal("S3"), pytest.mark.django_db]

SEED = 3
SMALL = pytest.param((40, 4), "small", marks=[pytest.mark.small, pytest.mark.slow], id="small")
FULL = pytest.param((5_000, 200), "full", marks=[pytest.mark.slow, pytest.mark.timeout(1200)], id="full")


@pytest.mark.parametrize(("texts", "size"), [SMALL, FULL])
def test_hostile_texts_cost_what_plain_ones_do(texts: tuple[int, int], size: str, tmp_path: Path, scenario):
    with scenario("S3", "captions", size=size, seed=SEED) as scene:
        plain, hostile = (weigh(kind, texts, tmp_path / kind) for kind in ("plain", "hostile"))
        times = {name: hostile[name] / plain[name] for name in ("seconds", "film_seconds_a_frame", "peak_bytes")}
        scene.note(texts=texts[0], **hostile["outcomes"], slowest_seconds=round(hostile["slowest_seconds"], 2))
        scene.note(**{f"{name.partition('_')[0]}_over_plain": round(factor, 2) for name, factor in times.items()})
        assert sum(hostile["outcomes"].values()) == texts[0]
        assert hostile["started_programs"] == 0
        if size == "full":
            assert times["seconds"] <= 3
            assert times["film_seconds_a_frame"] <= 3
            assert times["peak_bytes"] <= 2


def weigh(kind: str, texts: tuple[int, int], folder: Path) -> dict:
    folder.mkdir()
    arguments = [kind, str(SEED), *map(str, texts), str(folder)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.chaos.caption_run", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)
