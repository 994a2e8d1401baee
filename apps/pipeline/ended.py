"""What the page of a video shows that was stopped or could not be made: what happened, what is kept, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.billing import queries as billing
from apps.pipeline.attempt_prices import price_of_retry
from apps.pipeline.contact_sheet import Sheet, sheet_of
from apps.pipeline.failures import failure_of, scene_to_mend
from apps.pipeline.lengths import length_of
from apps.pipeline.models import Job
from apps.pipeline.scenes import address_of_scene
from apps.pipeline.shown_rows import ShownRow, done_steps, parts_of, shown_rows
from apps.pipeline.stages import Stage, stages_of
from apps.pipeline.states import JobState
from canvascast.amounts import credits_in_words

_STOPPED_ADVICE = "Go on where it stopped, or delete it."


@dataclass(frozen=True)
class Ended:
    """The four parts are `happened` with its `reason`, `kept`, `cost` and `advice`.

    `kind` says whose trouble a failure was; where it will not pass by itself, trying again is not `is_worth_a_try` but
    possible. `retry_price` is what trying again sets aside, `missing` what of it is not there. `scene_to_mend` is the
    number of the scene whose change can help, else 0; `scenes` leads to it, or to all that can be changed, and is empty
    while there are none.
    """

    is_failed: bool
    happened: str
    reason: str
    kind: str
    kept: str
    cost: str
    advice: str
    is_worth_a_try: bool
    retry_price: int
    missing: int
    reference: str
    scene_to_mend: int
    scenes: str
    stages: tuple[Stage, ...]
    sheet: Sheet


def ended_of(job: Job) -> Ended:
    """Return what is shown of a job that was stopped or failed. At most six queries, ten of changed scenes."""
    rows = shown_rows(job)
    is_failed = job.state == JobState.FAILED
    failure = failure_of(job.error_code)
    happened, reason = _told(job, failure.advice) if is_failed else ("You stopped this video.", "")
    retry_price = price_of_retry(job)
    to_mend = _scene_to_mend(job, rows)
    return Ended(
        is_failed=is_failed,
        happened=happened,
        reason=reason,
        kind=failure.kind if is_failed else "",
        kept=_kept(rows),
        cost=_cost(job),
        advice=failure.advice if is_failed else _STOPPED_ADVICE,
        is_worth_a_try=not is_failed or failure.may_pass,
        retry_price=retry_price,
        missing=max(0, retry_price - billing.balance(job.user_id).available),
        reference=str(job.pk),
        scene_to_mend=to_mend,
        scenes=address_of_scene(job.project_id, to_mend or 1) if "script" in done_steps(rows) else "",
        stages=stages_of(rows),
        sheet=sheet_of(rows, scenes=length_of(job, rows).scenes),
    )


def _told(job: Job, advice: str) -> tuple[str, str]:
    """Return what happened and why, of the message that was stored; what to do has a place of its own."""
    happened, _, rest = job.error_message.removesuffix(advice).strip().partition(". ")
    return f"{happened.removesuffix('.')}.", rest


def _scene_to_mend(job: Job, rows: Sequence[ShownRow]) -> int:
    has_recording = job.brief.get("recording") is not None
    failed = next((row for row in rows if row.is_failed), None)
    if failed is None:
        return 0
    return scene_to_mend(step=failed.step, part=failed.part, code=job.error_code, has_recording=has_recording)


def _kept(rows: Sequence[ShownRow]) -> str:
    done = done_steps(rows)
    names = [name for step, name in (("script", "the script"), ("voice", "the voice")) if step in done]
    pictures = parts_of(rows, "images")
    drawn = sum(row.is_done for row in pictures)
    if drawn:
        names.append(f"all {drawn} pictures" if drawn == len(pictures) else f"{drawn} of {len(pictures)} pictures")
    if not names:
        return "What you wrote."
    *first, last = names
    listed = f"{', '.join(first)} and {last}" if first else last
    return f"{listed[0].upper()}{listed[1:]}. Used again, not made twice."


def _cost(job: Job) -> str:
    told, paid_before = _cost_of_attempt(job), job.price - job.reserved
    if not paid_before:
        return told
    kept = credits_in_words(paid_before)
    return f"{told} What you paid when you stopped it before, {kept}, still counts when you go on."


def _cost_of_attempt(job: Job) -> str:
    if job.state == JobState.FAILED or not job.cost:
        return _all_back(job)
    back = credits_in_words(job.reserved - job.cost) if job.reserved > job.cost else "No credit"
    return f"{back} came back; {credits_in_words(job.cost)} paid for what was finished."


def _all_back(job: Job) -> str:
    if job.reserved > 1:
        return f"All {credits_in_words(job.reserved)} are back in your balance."
    if job.reserved:
        return "1 credit is back in your balance."
    return "Nothing more was charged." if job.price else "Nothing was charged."
