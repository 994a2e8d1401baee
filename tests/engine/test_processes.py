"""A process that ends is noticed at once, and whatever it leaves behind is taken care of."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from apps.pipeline import processes
from apps.pipeline.processes import Watch
from apps.pipeline.supervisor import StopRequest
from tests.workers import wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
WITH_CHILD = [sys.executable, "-c", f"import subprocess; subprocess.run({SLEEP})"]
PARENT_OF_AN_ORPHAN = "import subprocess; print(subprocess.Popen(['sleep', '0.3'], stdout=subprocess.DEVNULL).pid)"
ORPHANS = f"""
import os, subprocess, sys, time
from apps.pipeline import processes
processes.adopt_orphans()
middle = subprocess.run([sys.executable, "-c", {PARENT_OF_AN_ORPHAN!r}], stdout=subprocess.PIPE)
own = processes.spawn([sys.executable, "-c", ""], environment=dict(os.environ), files=())
orphan = int(middle.stdout)
adopted = orphan in processes.descendants(os.getpid(), depth=1)
time.sleep(0.6)
processes.reap_orphans()
processes.wait_for(own)
print(adopted, os.path.exists(f"/proc/{{orphan}}"), own.returncode)
"""


@pytest.fixture(params=["events", "looks"])
def by(request, monkeypatch) -> str:
    """The way in which processes are watched: Linux's, or every other system's."""
    if request.param == "looks":
        monkeypatch.setattr(processes, "_HAS_EVENTS", False)
        monkeypatch.setattr(processes, "_HAS_CHILDREN", False)
    return request.param


@pytest.fixture
def child():
    with subprocess.Popen(SLEEP) as started:
        yield started
        started.kill()


def test_end_of_a_process_is_noticed_within_half_a_second(by, child):
    watch = Watch({child.pid, os.getpid()}, StopRequest().file)
    assert watch.ended() == set()
    killed_at: list[float] = []
    threading.Timer(0.2, lambda: (killed_at.append(time.monotonic()), child.kill())).start()

    while not watch.ended():
        watch.wait(30)
    noticed_at = time.monotonic()
    watch.close()

    assert watch.ended() <= {child.pid}
    assert noticed_at - killed_at[0] < 0.5


def test_process_that_ended_before_the_watch_began_is_noticed(by, child):
    child.kill()
    child.wait()
    watch = Watch({child.pid}, StopRequest().file)

    watch.wait(30)

    assert watch.ended() == {child.pid}


def test_request_to_stop_ends_the_wait_of_every_watch(child):
    stop = StopRequest()
    watches = [Watch({child.pid}, stop.file), Watch({child.pid}, stop.file)]
    began_at = time.monotonic()
    threading.Timer(0.2, stop.make).start()

    for watch in watches:
        watch.wait(30)
        watch.close()

    assert time.monotonic() - began_at < 5
    assert (stop.is_made, stop.is_urgent) == (True, False)


def test_second_request_to_stop_is_urgent():
    stop = StopRequest()

    stop.make()
    stop.make()

    assert stop.is_urgent


def test_descendants_are_those_that_live(by):
    with subprocess.Popen(WITH_CHILD) as parent:
        wait_until(lambda: processes.descendants(parent.pid, depth=2), seconds=10, what="a grandchild")
        [grandchild] = processes.descendants(parent.pid, depth=2)
        assert parent.pid in processes.descendants(os.getpid(), depth=1)
        assert grandchild in processes.descendants(os.getpid(), depth=2)

        os.kill(parent.pid, signal.SIGSTOP)
        os.kill(grandchild, signal.SIGKILL)
        wait_until(lambda: not processes.descendants(parent.pid, depth=2), seconds=10, what="its end")
        parent.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux hands orphans to whoever asks for them")
def test_orphans_are_adopted_and_reaped_and_own_children_left_to_whoever_waits():
    told = subprocess.run([sys.executable, "-c", ORPHANS], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["True", "False", "0"]
