"""What the page of a video shows while it is made."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.pipeline import catalogue, estimates, load, progress, queues, settlement
from apps.pipeline.contact_sheet import Sheet, sheet_of
from apps.pipeline.doing import doing
from apps.pipeline.estimates import Estimate
from apps.pipeline.happenings import Happening, happenings_of
from apps.pipeline.lengths import length_of
from apps.pipeline.models import Job
from apps.pipeline.queries import is_worker_alive
from apps.pipeline.shown_rows import ShownRow, main_row, parts_of, results_of, shown_rows
from apps.pipeline.stages import Stage, stages_of
from apps.pipeline.states import JobState

_FIRST_MINUTE = timedelta(minutes=1)
_POLL_SECONDS, _LATER_POLL_SECONDS = 2, 4
_QUIET = timedelta(seconds=45)
_BEAT_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True)
class Making:
    """What is shown. `now` says what is being done, `step` the same without numbers: it changes with the step alone.

    `outlook` is what is left or what is in the way; `back_on_stop` what stopping now gives back of the `held` credits.
    """

    is_in_line: bool
    stages: tuple[Stage, ...]
    now: str
    step: str
    percent: int
    outlook: str
    sheet: Sheet
    happenings: tuple[Happening, ...]
    held: int
    back_on_stop: int
    poll_seconds: int

    @property
    def version(self) -> str:
        """A hash of all that is shown: equal versions look equal."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def making_of(job: Job, *, at: datetime) -> Making:
    """Return what is shown of an open job at that moment. One query, two of changed scenes.

    At most six more once a minute a process.
    """
    rows = shown_rows(job)
    length = length_of(job, rows)
    kept = settlement.kept_on_stop(job, results_of(rows))
    now = doing(rows, is_queued=job.state == JobState.QUEUED)
    return Making(
        is_in_line=job.state == JobState.QUEUED,
        stages=stages_of(rows),
        now=now.words,
        step=now.step,
        percent=job.progress,
        outlook=_outlook(job, rows, estimates.estimate_for(length.minutes), at=at),
        sheet=sheet_of(rows, scenes=length.scenes),
        happenings=happenings_of(job, rows),
        held=job.reserved,
        back_on_stop=job.reserved - kept,
        poll_seconds=_POLL_SECONDS if at - job.created_at < _FIRST_MINUTE else _LATER_POLL_SECONDS,
    )


def _outlook(job: Job, rows: Sequence[ShownRow], estimate: Estimate, *, at: datetime) -> str:
    if job.started_at is None:
        return _outlook_in_line(job, estimate)
    if at - _last_change(job, rows) > _QUIET:
        return "Taking longer than usual, still working."
    if (at - job.started_at).total_seconds() > estimate.seconds * estimate.spread:
        return "This one takes longer than most. It is still being made, and its price stays."
    return f"Usually {estimate.left(_shares(rows)).words} more."


def _outlook_in_line(job: Job, estimate: Estimate) -> str:
    if not is_worker_alive(queues.STEPS, within=_BEAT_WITHIN):
        return "Nothing is being made right now. Your place in line is kept, and it goes on by itself."
    ahead = load.ahead_of(job)
    usual = f"Then usually {estimate.left({}).words}."
    if not ahead.videos:
        return f"Yours is next. {usual}"
    seconds = estimates.seconds_ahead(ahead.videos_left)
    videos = "1 video" if ahead.videos == 1 else f"{ahead.videos} videos"
    return f"{videos} ahead of yours, {estimates.about(seconds)}. {usual}"


def _last_change(job: Job, rows: Sequence[ShownRow]) -> datetime:
    moments = [moment for row in rows for moment in (row.started_at, row.finished_at) if moment is not None]
    return max([job.created_at, *moments, *(moment for moment in (job.started_at, job.moved_at) if moment)])


def _shares(rows: Sequence[ShownRow]) -> dict[str, float]:
    """Return how much of each step is done, 0 to 1."""
    shares = {}
    for step in catalogue.steps():
        own = main_row(rows, step.name)
        parts = [row.progress for row in parts_of(rows, step.name)]
        mean = sum(parts) / len(parts) if parts else None
        shares[step.name] = progress.share_of_step(own.progress if own else 0.0, mean)
    return shares
