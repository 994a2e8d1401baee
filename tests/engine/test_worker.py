"""The worker service as operators run it: real processes, real kills."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from apps.pipeline.models import Job, JobStep, StepAttempt, WorkerBeat
from apps.pipeline.states import JobState, StepState
from tests.engine.conftest import start
from tests.workers import cluster_workers, is_left, running_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = "tests.engine.settings_trivial"


def ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.is_finished


def running_part(job: Job) -> JobStep | None:
    return JobStep.objects.filter(job=job, part__gt="", state=StepState.RUNNING).first()


def starts(folder: Path, word: str) -> int:
    return len((folder / "scratch" / f"starts-{word}").read_text())


@pytest.mark.slow  # small storms kill in every run
def test_killed_worker_loses_only_what_it_was_doing(trivial, owner, tmp_path):
    job = start(owner, "one two slow-a slow-b")
    with running_worker(tmp_path, SETTINGS) as worker:
        wait_until(lambda: running_part(job) is not None and worker_of(job, worker), seconds=30, what="slow work")
        victim = worker_of(job, worker)
        os.kill(victim.pid, signal.SIGKILL)
        wait_until(lambda: ended(job), seconds=40, what="the end of the job")

    assert job.state == JobState.READY
    assert (starts(tmp_path, "ONE"), starts(tmp_path, "TWO")) == (1, 1)
    assert StepAttempt.objects.filter(job_step__job=job, outcome="LOST").exists()
    assert JobStep.objects.filter(job=job, state=StepState.DONE).count() == JobStep.objects.filter(job=job).count()


def worker_of(job: Job, supervisor) -> psutil.Process | None:
    """Return a process that works on the job now: one that holds the scratch folder of a slow part."""
    if not JobStep.objects.filter(job=job, message="slow").exists():
        return None
    busiest = [process for process in cluster_workers(supervisor) if process.num_threads() > 1]
    return busiest[0] if busiest else None


@pytest.mark.slow  # waits for three starts
def test_neighbour_of_poisonous_work_loses_no_attempt(trivial, owner, tmp_path):
    innocent, poison = start(owner, "slow-x slow-y slow-z"), start(owner, "poison")
    with running_worker(tmp_path, SETTINGS, WORKER_PROCESSES="2"):
        wait_until(lambda: ended(poison) and ended(innocent), seconds=90, what="both jobs")

    assert (poison.state, poison.error_code) == (JobState.FAILED, "worker_lost")
    assert innocent.state == JobState.READY
    assert not StepAttempt.objects.filter(job_step__job=innocent, outcome="LOST").exists()


def test_worker_ends_with_the_command_that_started_it(trivial, owner, tmp_path):
    with running_worker(tmp_path, SETTINGS, until_eof=True) as worker:
        wait_until(lambda: WorkerBeat.objects.exists(), seconds=30, what="the worker")
        worker.stdin.close()

        assert worker.wait(20) == 0


@pytest.mark.parametrize("queues", ["steps,quick", pytest.param("quick,steps", marks=pytest.mark.slow)])
def test_error_in_one_queue_ends_the_whole_service(trivial, tmp_path, queues):
    with running_worker(tmp_path, "tests.engine.settings_broken_queue", queues=queues) as worker:
        assert worker.wait(20) == 1

    assert "The worker ended because of an error in: quick." in (tmp_path / "worker.log").read_text()
    assert [process for process in psutil.process_iter() if is_cluster_of(worker, process)] == []
    assert WorkerBeat.objects.count() == 0


def is_cluster_of(worker: subprocess.Popen[bytes], process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return is_left(process) and process.cmdline()[-5:-3] == ["run_cluster", str(worker.pid)]
    return False


def last_sign(worker: subprocess.Popen[bytes]) -> float:
    """Return when its cluster last showed that work goes on: the time of the empty file without a name that it has."""
    files = [path for path in Path(f"/proc/{worker.pid}/fd").iterdir() if str(path.readlink()).endswith("(deleted)")]
    return max((path.stat().st_mtime for path in files if path.stat().st_size == 0), default=0.0)


def slow_work(job: Job) -> JobStep | None:
    """Return the part that is being made, once it is in the middle of it."""
    return JobStep.objects.filter(job=job, state=StepState.RUNNING, message="slow").first()


@pytest.mark.slow  # the storms have a small form of it
def test_stopped_service_finishes_what_it_has_begun_and_begins_nothing_else(trivial, owner, tmp_path):
    job, begun_at = start(owner, "slow-c slow-d slow-e"), time.time()
    with running_worker(tmp_path, SETTINGS, "--concurrency", "1") as worker:
        wait_until(lambda: slow_work(job) is not None, seconds=30, what="slow work")
        begun = slow_work(job)
        wait_until(lambda: WorkerBeat.objects.exists(), seconds=10, what="the service's beat")
        [service] = WorkerBeat.objects.all()
        assert (service.host, service.processes, service.is_draining) == (socket.gethostname(), 1, False)
        below = psutil.Process(worker.pid).children(recursive=True)
        assert last_sign(worker) > begun_at

    assert worker.returncode == 0
    assert psutil.wait_procs([process for process in below if is_left(process)], timeout=5)[1] == []
    parts = JobStep.objects.filter(job=job, part__gt="").order_by("ordinal")
    assert {(row.state, row.attempt) for row in parts if row.pk != begun.pk} == {(StepState.QUEUED, 0)}
    begun.refresh_from_db()
    assert begun.state == StepState.DONE
    assert WorkerBeat.objects.count() == 0


@pytest.mark.slow  # the storms end services in every run
def test_stopped_service_gives_back_what_takes_longer_than_its_grace(trivial, owner, tmp_path):
    job = start(owner, "slow-c")
    with running_worker(tmp_path, SETTINGS, WORKER_GRACE_SECONDS="1") as worker:
        wait_until(lambda: slow_work(job) is not None, seconds=30, what="slow work")
        below = psutil.Process(worker.pid).children(recursive=True)

    assert_given_back(job, below)
    assert worker.returncode == 0


def assert_given_back(job: Job, below: list[psutil.Process]) -> None:
    assert psutil.wait_procs([process for process in below if is_left(process)], timeout=5)[1] == []
    row = JobStep.objects.get(job=job, part="scene_001")
    assert (row.state, row.attempt, row.lease_until) == (StepState.QUEUED, 0, None)
    assert not StepAttempt.objects.filter(job_step=row, outcome="LOST").exists()
    assert WorkerBeat.objects.count() == 0


@pytest.mark.slow  # starts a service more
def test_second_signal_ends_the_service_at_once(trivial, owner, tmp_path):
    job = start(owner, "slow-c")
    with running_worker(tmp_path, SETTINGS, WORKER_GRACE_SECONDS="25") as worker:
        wait_until(lambda: slow_work(job) is not None, seconds=30, what="slow work")
        below = psutil.Process(worker.pid).children(recursive=True)
        worker.send_signal(signal.SIGTERM)
        wait_until(lambda: '"draining"' in (tmp_path / "worker.log").read_text(), seconds=5, what="the first signal")

    assert_given_back(job, below)


@pytest.mark.slow  # waits for a grace and what comes after it
def test_service_ends_in_time_though_nothing_can_be_given_back(trivial, tmp_path):
    with running_worker(tmp_path, "tests.engine.settings_deaf_database", WORKER_GRACE_SECONDS="1") as worker:
        wait_until(lambda: WorkerBeat.objects.exists(), seconds=30, what="the worker")
        below = psutil.Process(worker.pid).children(recursive=True)
        worker.send_signal(signal.SIGTERM)

        assert worker.wait(12) == 1
    assert psutil.wait_procs([process for process in below if is_left(process)], timeout=5)[1] == []
    assert "stop_overdue" in (tmp_path / "worker.log").read_text()


CONTAINER = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.mark.slow  # starts a service more, and its cluster twice
def test_service_is_the_same_as_the_first_process_of_a_container(trivial, owner, tmp_path):
    if subprocess.run([*CONTAINER, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no pid namespaces here")
    job = start(owner, "slow-c slow-d")
    with running_worker(tmp_path, SETTINGS, "--concurrency", "1", container=CONTAINER) as outside:
        wait_until(lambda: slow_work(job) is not None, seconds=30, what="slow work")
        [service] = psutil.Process(outside.pid).children()
        assert own_pids(service) == [service.pid, 1]
        [cluster] = service.children()
        cluster.children()[0].kill()
        wait_until(lambda: service.children() not in ([], [cluster]), seconds=10, what="another cluster")
        wait_until(lambda: is_reaped(service), seconds=10, what="the end of every orphan")

        wait_until(lambda: slow_work(job) is not None, seconds=30, what="slow work again")
        begun = slow_work(job)
        service.send_signal(signal.SIGTERM)
        assert outside.wait(20) == 0

    begun.refresh_from_db()
    assert begun.state == StepState.DONE
    assert not JobStep.objects.filter(job=job, state=StepState.RUNNING).exists()
    assert WorkerBeat.objects.count() == 0


def own_pids(process: psutil.Process) -> list[int]:
    """Return the pids under which a process is known, outermost first."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return [int(pid) for pid in status.split("NSpid:")[1].splitlines()[0].split()]


def is_reaped(process: psutil.Process) -> bool:
    return all(is_left(child) for child in process.children(recursive=True))
