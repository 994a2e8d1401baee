"""The render process: `python -m apps.pipeline.render.child`, a plan on stdin, reports on stdout. It knows no Django.

It ends when its stdin does, so that it cannot outlive whoever started it.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

import msgspec

from apps.pipeline.contracts import Verdict
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.child_plan import ChildPlan, ChildReport
from apps.pipeline.render.kernels import load_kernel
from apps.pipeline.render.segment import SegmentJob, render_segments
from apps.pipeline.render.segment_checks import check_segment

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
        self.say(segment=job.number, verdicts=check_segment(self._planned[job.number], self._plan.stills))

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


def _leave_with_parent() -> None:
    # Past the buffered reader, whose lock would abort the interpreter when it ends while this thread waits.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    raise SystemExit(main())
