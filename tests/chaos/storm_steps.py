"""The trivial pipeline, whose words say what each part does, and which write down every start.

A part is a word `kind-milliseconds-number`: `nap` works and reports progress, `deaf` works without looking up, `film`
waits for a real ffmpeg, `render` for the render process, `poison` kills its own process. What a part stores differs at
every start, so that one made twice shows as two artifacts under one key.
"""

from __future__ import annotations

import os
import signal
import time

from django.conf import settings

from apps.pipeline.contracts import Blob, Package
from apps.pipeline.render.child_plan import ChildPlan, PlannedSegment
from apps.pipeline.render.child_run import render_in_child
from apps.pipeline.render.ffmpeg import run_ffmpeg
from apps.pipeline.render.plan import segment_requests
from apps.pipeline.steps.base import Context, Step
from tests.engine import trivial_steps
from tests.engine.trivial_steps import Letters, Text
from tests.pipeline.small_film import SmallFilm

DIARY = "diary"
_TICK_SECONDS = 0.02
_FRAMES_A_SECOND = 100


class Words(trivial_steps.Words):
    def make(self, request: Text, context: Context) -> Text:
        note("begin", context, self.name, "")
        note("end", context, self.name, "")
        return request


class Parts(trivial_steps.Parts):
    def make_part(self, request: Text, context: Context) -> Blob:
        note("begin", context, self.name, request.text)
        kind, milliseconds, _ = request.text.split("-")
        _WORK[kind](int(milliseconds) / 1000, context)
        note("end", context, self.name, request.text)
        return context.store.put_bytes(request.text.encode() + os.urandom(8), ".txt")

    def make(self, request: Letters, context: Context) -> Letters:
        note("begin", context, self.name, "")
        note("end", context, self.name, "")
        return request


class Pack(trivial_steps.Pack):
    retry = trivial_steps.Parts.retry

    def make(self, request: Letters, context: Context) -> Package:
        note("begin", context, self.name, "")
        package = super().make(request, context)
        note("end", context, self.name, "")
        return package


def note(what: str, context: Context, step: str, word: str) -> None:
    """Add a line to the diary of the service's folder: one write, so that lines of many processes stay whole."""
    line = f"{what} {context.job.job_id} {step} {word or '.'} {os.getpid()} {time.time():.3f}\n"
    handle = os.open(settings.VAR_DIR / DIARY, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def _nap(seconds: float, context: Context) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        context.progress(1 - left / seconds, "working")
        time.sleep(min(_TICK_SECONDS, left))


def _deaf(seconds: float, context: Context) -> None:
    time.sleep(seconds)


def _film(seconds: float, context: Context) -> None:
    target = str(context.scratch / "tone.wav")
    run_ffmpeg(
        ["-re", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", f"{seconds:.3f}", target], deadline_seconds=60
    )


def _render(seconds: float, context: Context) -> None:
    film = SmallFilm(context.scratch)
    timeline = film.timeline([max(1, int(seconds * _FRAMES_A_SECOND))])
    segments = tuple(
        PlannedSegment(number, f"s{number}", request, str(context.scratch / f"segment{number}.mp4"))
        for number, request in enumerate(segment_requests(timeline))
    )
    stills = {segment.image.sha256: str(film.resolve(segment.image)) for segment in timeline.segments}
    plan = ChildPlan(segments, stills, "auto", str(settings.VAR_DIR / "cache"))
    render_in_child(plan, lambda report: None, lambda: context.progress(0.5, "rendering"))


def _poison(seconds: float, context: Context) -> None:
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


_WORK = {"nap": _nap, "deaf": _deaf, "film": _film, "render": _render, "poison": _poison}
STEPS: tuple[Step, ...] = (Words(), Parts(), Pack())
