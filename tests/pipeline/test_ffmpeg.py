import sys

import pytest

from apps.pipeline.providers.errors import Transient
from apps.pipeline.render.ffmpeg import run_ffmpeg
from apps.pipeline.render.process import ChildFailed, ChildTimedOut, end_child
from canvascast import children

SILENCE = ("-f", "lavfi", "-i", "anullsrc")
WITHOUT_END = (*SILENCE, "-f", "null", "-")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_full_disk_may_be_tried_again():
    with pytest.raises(Transient) as failure:
        run_ffmpeg([*SILENCE, "-t", "1", "-f", "s16le", "/dev/full"], deadline_seconds=30)

    assert failure.value.code == "disk_full"


def test_child_that_a_signal_killed_may_be_tried_again(monkeypatch):
    start = children.start_child

    def start_and_kill(*arguments, **options):
        child = start(*arguments, **options)
        end_child(child)
        return child

    monkeypatch.setattr(children, "start_child", start_and_kill)
    with pytest.raises(Transient) as failure:
        run_ffmpeg(WITHOUT_END, deadline_seconds=30)

    assert failure.value.code == "child_killed"


def test_child_that_ran_over_its_deadline_is_not_taken_for_a_killed_one():
    with pytest.raises(ChildTimedOut) as failure:
        run_ffmpeg(WITHOUT_END, deadline_seconds=0.1)

    assert failure.value.code == "child_timeout"


def test_refused_input_is_no_passing_trouble(tmp_path):
    with pytest.raises(ChildFailed) as failure:
        run_ffmpeg(["-i", str(tmp_path / "missing.wav"), "-f", "null", "-"], deadline_seconds=30)

    assert (failure.value.code, failure.value.exit_code) == ("child_failed", 254)
