"""What the render process is told, and what it tells: one line of JSON each way."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts import Verdict
from apps.pipeline.render.kernels import KernelChoice
from apps.pipeline.render.plan import SegmentRequest


@dataclass(frozen=True)
class PlannedSegment:
    """`where` names the scene in the verdicts; the file goes to `path`."""

    number: int
    where: str
    request: SegmentRequest
    path: str


@dataclass(frozen=True)
class ChildPlan:
    """`stills` gives the path of each still by its SHA-256; an empty `cache_folder` leaves the choice to numba."""

    segments: tuple[PlannedSegment, ...]
    stills: dict[str, str]
    kernel: KernelChoice
    cache_folder: str


@dataclass(frozen=True)
class ChildReport:
    """`frames` encoded so far; then at most one of: a finished segment with its verdicts, or why the work ends.

    `code` and `sentence` are those of `errors.Rejected`, or of a `Transient` when `sentence` is empty.
    """

    frames: int
    segment: int | None = None
    verdicts: tuple[Verdict, ...] = ()
    code: str = ""
    sentence: str = ""
    detail: str = ""
