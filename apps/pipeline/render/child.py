"""The render process: `python -m apps.pipeline.render.child`, a plan on stdin, reports on stdout. It knows no Django.

It ends when its stdin does, so that it cannot outlive whoever started it.
"""

from __future__ import annotations

import errno
import math
import os
import sys
import threading
from pathlib import Path

import msgspec

from apps.pipeline.contracts import Verdict
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.canvas import Plane
from apps.pipeline.render.captions import caption_rows
from apps.pipeline.render.child_plan import ChildPlan, ChildReport, PlannedSegment
from apps.pipeline.render.gate import BLACK_LUMA, failed
from apps.pipeline.render.inspect import SegmentExpectation, inspect_segment
from apps.pipeline.render.kernels import load_kernel
from apps.pipeline.render.luma import GRID, upper
from apps.pipeline.render.motion import Box, box_at
from apps.pipeline.render.planes import load_still
from apps.pipeline.render.segment import SegmentJob, render_segments

_FRAMES_PER_REPORT = 10


def main() -> int:
    plan = msgspec.json.decode(sys.stdin.buffer.readline(), type=ChildPlan)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    reporter = _Reporter(plan)
    try:
        kernel = load_kernel(plan.kernel, Path(plan.cache_folder) if plan.cache_folder else None)
        jobs = [SegmentJob(planned.number, planned.request, Path(planned.path)) for planned in plan.segments]
        render_segments(jobs, kernel, lambda blob: Path(plan.stills[blob.sha256]), reporter.frame, reporter.segment)
    except Rejected as error:
        reporter.say(code=error.code, sentence=error.sentence, detail=str(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        reporter.say(code="disk_full", detail="no space left for a segment")
    return 0


class _Reporter:
    """Counts frames, and inspects each segment as soon as it is whole."""

    def __init__(self, plan: ChildPlan) -> None:
        self._plan = plan
        self._planned = {planned.number: planned for planned in plan.segments}
        self._frames = 0

    def frame(self) -> None:
        self._frames += 1
        if self._frames % _FRAMES_PER_REPORT == 0:
            self.say()

    def segment(self, job: SegmentJob) -> None:
        self.say(segment=job.number, verdicts=_inspect(self._planned[job.number], self._plan.stills))

    def say(
        self,
        *,
        segment: int | None = None,
        verdicts: tuple[Verdict, ...] = (),
        code: str = "",
        sentence: str = "",
        detail: str = "",
    ) -> None:
        report = ChildReport(self._frames, segment, verdicts, code, sentence, detail)
        sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
        sys.stdout.buffer.flush()


def _inspect(planned: PlannedSegment, stills: dict[str, str]) -> tuple[Verdict, ...]:
    verdicts = inspect_segment(Path(planned.path), _expected(planned, may_be_dark=False), planned.where)
    if any(verdict.check == "segment_black" for verdict in failed(verdicts)) and _has_dark_still(planned, stills):
        return inspect_segment(Path(planned.path), _expected(planned, may_be_dark=True), planned.where)
    return verdicts


def _expected(planned: PlannedSegment, *, may_be_dark: bool) -> SegmentExpectation:
    request = planned.request
    holds_still = request.still.motion.start == request.still.motion.end
    return SegmentExpectation(
        request.frames,
        request.width,
        request.height,
        request.fps,
        may_freeze=holds_still,
        may_be_dark=may_be_dark,
        caption_rows=caption_rows(request.captions, request.width, request.height),
    )


def _has_dark_still(planned: PlannedSegment, stills: dict[str, str]) -> bool:
    """Tell whether the still is dark where its move begins or ends: of a bright picture a dark part may be seen."""
    request = planned.request
    path = Path(stills[request.still.image.sha256])
    still = load_still(path, request.still.motion, request.width, request.height)
    ends = (box_at(request.still.motion, end, 2, still.aspect) for end in (0, 1))
    return any(upper(_seen(still.planes[0], box)[::GRID, ::GRID]) <= BLACK_LUMA for box in ends)


def _seen(luma: Plane, box: Box) -> Plane:
    rows, columns = luma.shape
    down, across = slice(*_span(box.top, box.height, rows)), slice(*_span(box.left, box.width, columns))
    return luma[down, across]


def _span(start: float, length: float, count: int) -> tuple[int, int]:
    first = int(start * count)
    return first, max(math.ceil((start + length) * count), first + 1)


def _leave_with_parent() -> None:
    # Past the buffered reader, whose lock would abort the interpreter when it ends while this thread waits.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    raise SystemExit(main())
