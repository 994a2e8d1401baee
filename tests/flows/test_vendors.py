"""Whole videos through the vendors' formats, with the product's own commands and workers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av
import psutil
import pytest

from tests.flows.conftest import make
from tests.flows.test_killed_worker import stored
from tests.flows.vendors import Vendors, open_vendors
from tests.wire.contracts import violations
from tests.wire.forms import form_violations
from tests.wire.gemini_pictures import PATH as PICTURE_PATH
from tests.wire.server import Call
from tests.workers import wait_until
from tests.workplace import Workplace, opened_workplace

# Writer, speaker, painter; the voice of the speaker.
COMBINATIONS = [
    ("openai", "elevenlabs", "gemini"),
    pytest.param("gemini", "openai", "openai", marks=pytest.mark.slow),
    pytest.param("openai", "openai", "gemini", marks=pytest.mark.slow),
    pytest.param("gemini", "elevenlabs", "openai", marks=pytest.mark.slow),
]


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with open_vendors() as opened:
        yield opened


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    """One for each test: what one video bought would be used by the next."""
    with opened_workplace(tmp_path) as place:
        yield place


@pytest.mark.parametrize(("writer", "speaker", "painter"), COMBINATIONS)
def test_video_is_made_by_the_vendors_that_are_named(
    workplace: Workplace, vendors: Vendors, writer: str, speaker: str, painter: str
):
    place = vendors.at(
        workplace,
        MODERATOR="openai",
        WRITER=writer,
        SPEAKERS=speaker,
        PAINTER=painter,
        ALIGNERS="speaker-events,openai",
    )

    made = make(place, "Why do cats purr?", "--minutes", "0.5", "--shape", "1:1", "--out", f"{writer}-{speaker}.mp4")

    script = made.json("script.json")
    scenes = len(script["scenes"])
    assert script["title"] == "Why Cats Purr"
    assert script["written_by"] == {"openai": "OpenAI", "gemini": "Gemini"}[writer]
    assert script["tags"] == ["cats", "purring", "animals"]
    with av.open(str(made.file("video.mp4"))) as film:
        assert film.duration / 1_000_000 == pytest.approx(30, abs=6)
    served = workplace.query(
        "SELECT DISTINCT capability, provider FROM provider_calls c JOIN job_steps s ON s.id = c.job_step_id "
        "WHERE s.job_id = %s AND c.state = 'ok'",
        made.facts["job_id"],
    )
    aligner = "speaker-events" if speaker == "elevenlabs" else "openai"
    assert set(served) == {
        ("moderator", "openai"),
        ("writer", writer),
        ("speaker", speaker),
        ("aligner", aligner),
        ("painter", painter),
    }
    cost = workplace.query(
        "SELECT sum(cost_micro_usd) FROM provider_calls c JOIN job_steps s ON s.id = c.job_step_id WHERE s.job_id = %s",
        made.facts["job_id"],
    )
    assert 0 < cost[0][0] < 2_000_000
    calls = vendors.openai.calls
    json_calls = [call for call in calls if "json" in call.headers.get("Content-Type", "")]
    forms = [call for call in calls if "multipart" in call.headers.get("Content-Type", "")]
    assert vendors.paid("text-to-speech") + vendors.paid("audio/speech") == scenes
    assert violations("openai", json_calls, base="/v1") == []
    assert [wrong for call in forms for wrong in form_violations("openai", call, base="/v1")] == []
    assert violations("elevenlabs", vendors.elevenlabs.calls) == []


@pytest.mark.slow
def test_changed_scenes_buy_what_is_changed_and_nothing_else(workplace: Workplace, vendors: Vendors):
    place = vendors.at(workplace, MODERATOR="openai", WRITER="openai", SPEAKERS="elevenlabs", PAINTER="gemini")
    made = make(place, "Why do cats purr?", "--minutes", "0.5", "--shape", "1:1", "--out", "bought.mp4")
    bought = paid(vendors)

    drawn_anew = place.run("remake", made.facts["job_id"], "--scene", "2", "--new-picture", "--json")
    assert drawn_anew.returncode == 0, drawn_anew.stderr[-3000:]
    assert paid(vendors) - bought == {"picture": 1}
    bought = paid(vendors)

    job = json.loads(drawn_anew.stdout)["job_id"]
    said = place.run("remake", job, "--scene", "1", "--words", "A cat purrs when it is calm.", "--json")
    assert said.returncode == 0, said.stderr[-3000:]
    assert paid(vendors) - bought == {"voice": 1}


def paid(vendors: Vendors) -> Counter[str]:
    """Count what was sent for money so far; moderation is free."""
    return Counter(
        voice=vendors.paid("text-to-speech"), picture=len(drawn(vendors)), text=vendors.paid("/v1/chat/completions")
    )


@pytest.mark.goal("R14")
@pytest.mark.slow
def test_killed_workers_buy_again_only_what_was_open(workplace: Workplace, vendors: Vendors):
    vendors.gemini.delay_seconds = {PICTURE_PATH: 1.0}
    place = vendors.at(workplace, SPEAKERS="espeak", PAINTER="gemini", PROVIDER_CONCURRENCY="gemini=2")
    command = place.start("make_video", "Why do cats purr?", "--shape", "1:1", "--json", "--out", "killed.mp4")
    was_open = 0
    for pictures in (1, 4):
        wait_until(partial(has_drawn, vendors, pictures), seconds=90, what="a picture")
        was_open += place.query("SELECT count(*) FROM job_steps WHERE step = 'images' AND state = 'RUNNING'")[0][0]
        kill_vendor_worker(command.pid)
    stdout, stderr = command.communicate(timeout=240)

    assert command.returncode == 0, stderr[-3000:]
    job = json.loads(stdout)["job_id"]
    scenes = place.query("SELECT count(*) FROM job_steps WHERE job_id = %s AND step = 'images'", job)[0][0] - 1
    states = Counter(
        state
        for (state,) in place.query(
            "SELECT c.state FROM provider_calls c JOIN job_steps s ON s.id = c.job_step_id "
            "WHERE s.job_id = %s AND c.capability = 'painter'",
            job,
        )
    )
    assert scenes <= len(drawn(vendors)) <= scenes + was_open
    assert states["unknown"] >= 1
    assert states["ok"] + states["unknown"] >= len(drawn(vendors))
    assert stored(place, "images", "scene%") == scenes
    assert len(vendors.openai.asked("/v1/chat/completions")) == 2


def has_drawn(vendors: Vendors, pictures: int) -> bool:
    return len(drawn(vendors)) >= pictures and vendors.gemini.now_open > 0


def drawn(vendors: Vendors) -> list[Call]:
    return [call for call in vendors.gemini.paid if "image" in call.path]


def kill_vendor_worker(command_pid: int) -> None:
    """Kill -9 a process of the cluster that waits for vendors; the supervisor then ends its whole group."""
    below = psutil.Process(command_pid).children(recursive=True)
    os.kill([process for process in below if waits_for_vendors(process)][-1].pid, signal.SIGKILL)


def waits_for_vendors(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return "run_cluster" in process.cmdline() and process.environ().get("Q_CLUSTER_NAME") == "vendors"
    return False
