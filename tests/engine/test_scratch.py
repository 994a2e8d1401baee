"""Scratch of killed processes is deleted, that of living ones never, whatever pids and containers say."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apps.pipeline.scratch import clear_scratch, scratch_folder
from canvascast.env import ROOT

HOLD = """
import sys, time
from pathlib import Path
from django.conf import settings
settings.configure(SCRATCH_DIR=Path(sys.argv[1]))
from apps.pipeline.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "film.mp4").write_text("half")
    print(folder.name, flush=True)
    time.sleep(60)
"""
CLEAR = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(SCRATCH_DIR=Path(sys.argv[1]))
from apps.pipeline.scratch import clear_scratch
print(clear_scratch())
"""
# A pid namespace of its own is what a container is: in it this process has another pid, and it sees no other.
ELSEWHERE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


@pytest.fixture
def scratch(settings, tmp_path: Path) -> Path:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    return settings.SCRATCH_DIR


def names(scratch: Path) -> set[str]:
    return {path.name for path in scratch.iterdir()}


def holder(scratch: Path, *container: str) -> tuple[subprocess.Popen[str], str]:
    started = subprocess.Popen(
        [*container, sys.executable, "-c", HOLD, str(scratch)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    return started, started.stdout.readline().strip()


def can_unshare() -> bool:
    return shutil.which("unshare") is not None and subprocess.run([*ELSEWHERE, "true"], check=False).returncode == 0


def test_folder_is_gone_after_its_block(scratch):
    with scratch_folder() as folder:
        (folder / "inner").mkdir()
        assert names(scratch) == {folder.name}

    assert names(scratch) == set()


def test_folder_is_gone_after_an_error(scratch):
    with pytest.raises(ZeroDivisionError), scratch_folder():
        raise ZeroDivisionError

    assert names(scratch) == set()


@pytest.mark.parametrize("container", [(), tuple(ELSEWHERE)], ids=["beside", "in another container"])
def test_folder_is_kept_while_its_process_lives_and_deleted_once_it_is_killed(scratch, container):
    if container and not can_unshare():
        pytest.skip("no pid namespaces here")
    process, name = holder(scratch, *container)
    try:
        with scratch_folder() as own:
            assert clear_scratch() == 0
            assert names(scratch) == {name, own.name}

            process.send_signal(signal.SIGKILL)
            process.wait()
            wait_for_release(scratch, name)

            assert names(scratch) == {own.name}
    finally:
        process.kill()


def wait_for_release(scratch: Path, name: str) -> None:
    # The last process of a namespace ends a moment after its keeper.
    deadline = time.monotonic() + 5
    while name in names(scratch) and time.monotonic() < deadline:
        clear_scratch()


def test_one_process_clears_what_another_is_clearing_without_trouble(scratch):
    for _ in range(3):
        process, _name = holder(scratch)
        process.kill()
        process.wait()
    clearers = [
        subprocess.Popen([sys.executable, "-c", CLEAR, str(scratch)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    told = [clearer.communicate(timeout=30)[0].splitlines()[-1] for clearer in clearers]

    assert [clearer.returncode for clearer in clearers] == [0, 0, 0]
    assert sum(map(int, told)) == 3
    assert names(scratch) == set()


@pytest.mark.parametrize("name", ["17-abc", "new-abc", "tmpabc", "work-without-lock"])
def test_folder_without_a_lock_is_deleted_after_a_day(scratch, name):
    (scratch / name).mkdir(parents=True)
    assert clear_scratch() == 0

    os.utime(scratch / name, (time.time() - 25 * 3600,) * 2)

    assert clear_scratch() == 1
    assert names(scratch) == set()


def test_files_beside_the_folders_are_left_alone(scratch):
    scratch.mkdir()
    (scratch / "note").write_text("")

    assert clear_scratch() == 0
    assert names(scratch) == {"note"}
