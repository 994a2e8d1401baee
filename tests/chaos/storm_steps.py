"""Three small steps of the product's shape, whose words say what each part does, and which write down every start.

A part is a word `kind-milliseconds-number`: `nap` works and reports progress, `deaf` works without looking up, `film`
waits for a real ffmpeg, `render` for the render process, `poison` kills its own process. What a part stores differs at
every start, so that one made twice shows as two artifacts under one key.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

from django.conf import settings

from apps.pipeline.contracts import Blob, Package, PackagedFile
from apps.pipeline.render.child_plan import ChildPlan, PlannedSegment
from apps.pipeline.render.child_run import render_in_child
from apps.pipeline.render.ffmpeg import run_ffmpeg
from apps.pipeline.render.plan import segment_requests
from apps.pipeline.steps.base import Context, Inputs, Retry, Step
from tests.pipeline.small_film import SmallFilm

DIARY = "diary"
_TICK_SECONDS = 0.02
_FRAMES_A_SECOND = 100
_RETRY = Retry(attempts=3, backoff_seconds=0.05)


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Pieces:
    files: tuple[Blob, ...]


class Words(Step):
    name = "script"
    status = "SCRIPTING"
    uses = ("prompt",)
    result = Text
    request_type = Text
    retry = _RETRY

    def request(self, inputs: Inputs) -> Text:
        return Text(inputs.brief["prompt"])

    def make(self, request: Text, context: Context) -> Text:
        note("begin", context, self.name, "")
        note("end", context, self.name, "")
        return request


class Parts(Step):
    name = "voice"
    status = "VOICE_GEN"
    reads = ("script",)
    result = Pieces
    request_type = Pieces
    part_result = Blob
    part_request_type = Text
    retry = _RETRY

    def parts(self, inputs: Inputs) -> dict[str, object]:
        words = inputs.contracts["script"].text.split()
        return {f"scene_{number:03d}": Text(word) for number, word in enumerate(words, 1)}

    def make_part(self, request: Text, context: Context) -> Blob:
        note("begin", context, self.name, request.text)
        kind, milliseconds, _ = request.text.split("-")
        _WORK[kind](int(milliseconds) / 1000, context)
        note("end", context, self.name, request.text)
        return context.store.put_bytes(request.text.encode() + os.urandom(8), ".txt")

    def request(self, inputs: Inputs) -> Pieces:
        return Pieces(tuple(inputs.parts.values()))

    def make(self, request: Pieces, context: Context) -> Pieces:
        note("begin", context, self.name, "")
        note("end", context, self.name, "")
        return request


class Pack(Step):
    name = "package"
    status = "PACKAGING"
    reads = ("voice",)
    result = Package
    request_type = Pieces
    per_job = True
    retry = _RETRY

    def request(self, inputs: Inputs) -> Pieces:
        return inputs.contracts["voice"]

    def make(self, request: Pieces, context: Context) -> Package:
        note("begin", context, self.name, "")
        for blob in request.files:
            context.store.fetch(blob)
        files = tuple(PackagedFile(f"{number}.txt", "script", blob) for number, blob in enumerate(request.files))
        note("end", context, self.name, "")
        return Package(files=files, verdicts=(), duration_ms=1000)


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
