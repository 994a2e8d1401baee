"""kill -9 in the middle of pictures and of the render: the job ends, and nothing finished is made again."""

from __future__ import annotations

import json
import os
import signal

import psutil
import pytest

from tests.flows.conftest import Workplace
from tests.workers import is_left, wait_until

SCRIPT = "\n\n".join(
    [
        "The first scene opens on a quiet harbour at dawn, long before the boats go out.",
        "Then the sun climbs over the hills and the whole town slowly wakes up.",
        "At noon the market fills with colour, with voices, and with the smell of bread.",
        "When evening comes, the lamps are lit one by one along the narrow streets.",
    ]
)


def stored(workplace: Workplace, step: str, unit: str) -> int:
    rows = workplace.query("SELECT count(*) FROM artifacts WHERE step = %s AND unit LIKE %s", step, unit)
    return rows[0][0]


def kill_cluster_worker(command_pid: int) -> None:
    """Kill -9 a process of the cluster that is busy: the one with the most CPU time below the sentinel."""
    processes = [process for process in psutil.Process(command_pid).children(recursive=True) if process.is_running()]
    workers = [process for process in processes if "run_cluster" in " ".join(process.cmdline())][2:]
    busiest = max(workers, key=lambda process: process.cpu_times().user)
    os.kill(busiest.pid, signal.SIGKILL)


@pytest.mark.slow  # tests/engine kills workers quickly
def test_worker_killed_in_pictures_and_in_render_costs_only_the_open_piece(workplace: Workplace):
    (workplace.folder / "killed.txt").write_text(SCRIPT)
    command = workplace.start("make_video", "--script", "killed.txt", "--shape", "1:1", "--out", "killed.mp4", "--json")
    wait_until(lambda: stored(workplace, "images", "scene%") >= 1, seconds=60, what="a picture")
    kill_cluster_worker(command.pid)
    wait_until(lambda: stored(workplace, "render", "segment%") >= 1, seconds=120, what="a segment")
    kill_cluster_worker(command.pid)
    stdout, stderr = command.communicate(timeout=200)

    assert command.returncode == 0, stderr[-3000:]
    job = json.loads(stdout)["job_id"]
    scenes = workplace.query("SELECT count(*) FROM job_steps WHERE job_id = %s AND step = 'voice' AND part <> ''", job)
    assert stored(workplace, "images", "scene%") == scenes[0][0]
    assert stored(workplace, "render", "segment%") == scenes[0][0]
    paid = workplace.query(
        "SELECT count(*), count(DISTINCT c.idempotency_key) FROM provider_calls c "
        "JOIN job_steps s ON s.id = c.job_step_id "
        "WHERE s.job_id = %s AND c.state = 'ok' AND c.capability = 'painter'",
        job,
    )
    calls, distinct = paid[0]
    assert distinct == scenes[0][0]
    # A call whose answer was in, but not stored, when its process was killed: one a worker at most.
    assert calls - distinct <= 2
    lost = workplace.query(
        "SELECT count(*) FROM job_step_attempts a JOIN job_steps s ON s.id = a.job_step_id "
        "WHERE s.job_id = %s AND a.outcome = 'LOST'",
        job,
    )
    assert lost[0][0] >= 1


@pytest.mark.slow  # half a film each
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_command_that_is_told_to_end_cancels_the_video_and_leaves_nothing_behind(workplace: Workplace, end):
    command = workplace.start("make_video", "Why do cats purr when they are happy?", "--out", "stopped.mp4")
    wait_until(
        lambda: workplace.query("SELECT 1 FROM jobs WHERE state = 'RUNNING'") != [], seconds=60, what="a running job"
    )
    started = psutil.Process(command.pid).children(recursive=True)
    command.send_signal(end)
    _, stderr = command.communicate(timeout=60)

    assert command.returncode == 1
    assert stderr.strip().splitlines()[-1] == (
        "CommandError: Stopped. What was finished is kept; nothing was delivered."
    )
    assert "Traceback" not in stderr
    job = workplace.query("SELECT id, state FROM jobs ORDER BY created_at DESC LIMIT 1")[0]
    assert job[1] == "CANCELED"
    unfinished = "SELECT DISTINCT state FROM job_steps WHERE job_id = %s AND state <> 'DONE'"
    assert workplace.query(unfinished, job[0]) == [("CANCELED",)]
    assert workplace.query("SELECT name FROM worker_beats") == []
    wait_until(lambda: not any(is_left(process) for process in started), seconds=20, what="the end of every process")
    assert not (workplace.folder / "stopped.mp4").exists()
