import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.render import child_run
from apps.pipeline.render.child_plan import ChildPlan, PlannedSegment
from apps.pipeline.render.child_run import ROOT, render_in_child
from apps.pipeline.render.plan import segment_requests
from tests.pipeline.small_film import SmallFilm, decoded

MODULE = "apps.pipeline.render.child"


class Cancelled(Exception):
    pass


@pytest.fixture
def film(tmp_path):
    return SmallFilm(tmp_path)


@pytest.fixture
def children(monkeypatch):
    """The child processes that were started."""
    started = []
    start = child_run.start_child
    monkeypatch.setattr(child_run, "start_child", lambda *args, **kw: started.append(start(*args, **kw)) or started[-1])
    return started


def plan_of(film, timeline, tmp_path):
    segments = tuple(
        PlannedSegment(number, f"s{number}", request, str(tmp_path / f"segment{number}.mp4"))
        for number, request in enumerate(segment_requests(timeline))
    )
    stills = {segment.image.sha256: str(film.resolve(segment.image)) for segment in timeline.segments}
    return ChildPlan(segments, stills, "auto", str(tmp_path / "cache"))


def nothing(*_):
    pass


def test_every_segment_is_reported_with_its_verdicts_when_it_is_whole(film, tmp_path):
    heard = []
    lengths = {}

    def hear(report):
        if report.segment is not None:
            heard.append((report.segment, report.frames, all(verdict.passed for verdict in report.verdicts)))
            lengths[report.segment] = len(decoded(tmp_path / f"segment{report.segment}.mp4"))

    render_in_child(plan_of(film, film.timeline([12, 20, 7]), tmp_path), hear, nothing)

    assert heard == [(0, 12, True), (1, 32, True), (2, 39, True)]
    assert lengths == {0: 12, 1: 20, 2: 7}


def test_frames_are_reported_as_they_come(film, tmp_path):
    counts = []

    render_in_child(plan_of(film, film.timeline([25]), tmp_path), lambda report: counts.append(report.frames), nothing)

    assert counts == [10, 20, 25]


def test_refusal_in_the_child_is_raised_with_its_sentence(film, tmp_path):
    timeline = film.timeline([5, 5])
    film.resolve(timeline.segments[1].image).write_bytes(b"broken")

    with pytest.raises(Rejected) as refusal:
        render_in_child(plan_of(film, timeline, tmp_path), nothing, nothing)

    assert (refusal.value.code, refusal.value.sentence[:24]) == ("bad_picture", "One of the pictures cann")


def test_missing_still_fails_with_the_childs_last_words(film, tmp_path):
    plan = plan_of(film, film.timeline([5]), tmp_path)
    broken = ChildPlan(plan.segments, {}, plan.kernel, plan.cache_folder)

    with pytest.raises(child_run.ChildFailed, match="KeyError"):
        render_in_child(broken, nothing, nothing)


def test_cancelled_work_ends_the_child(film, tmp_path, children):
    def cancel():
        raise Cancelled

    with pytest.raises(Cancelled):
        render_in_child(plan_of(film, film.timeline([3000]), tmp_path), nothing, cancel)

    assert [child.returncode for child in children] == [-9]


def test_killed_child_may_be_tried_again(film, tmp_path, children):
    def kill(report):
        children[0].kill()

    with pytest.raises(Transient) as failure:
        render_in_child(plan_of(film, film.timeline([3000]), tmp_path), kill, nothing)

    assert failure.value.code == "render_killed"


def test_silent_child_is_a_stall(film, tmp_path, children):
    def silence(report):
        os.kill(children[0].pid, signal.SIGSTOP)

    with pytest.raises(Transient) as failure:
        render_in_child(plan_of(film, film.timeline([3000]), tmp_path), silence, nothing, stall_seconds=0.1)

    assert failure.value.code == "render_stalled"
    assert [child.returncode for child in children] == [-9]


def test_child_leaves_when_its_parent_does(film, tmp_path):
    plan = msgspec.json.encode(plan_of(film, film.timeline([30_000]), tmp_path))

    ended = subprocess.run(
        [sys.executable, "-m", MODULE], input=plan + b"\n", capture_output=True, cwd=ROOT, timeout=60
    )

    assert ended.returncode == 1


def test_child_knows_no_django():
    code = f"import sys, {MODULE}; print(sorted(name for name in sys.modules if name.startswith('django')))"

    output = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True, timeout=60)

    assert output.stdout == b"[]\n"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_child_sees_no_secret_of_its_parent(film, tmp_path, monkeypatch, children):
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    seen = []

    def look(report):
        seen.append(Path(f"/proc/{children[0].pid}/environ").read_bytes())

    render_in_child(plan_of(film, film.timeline([5]), tmp_path), look, nothing)

    assert seen
    assert not any(b"canary" in environment for environment in seen)
