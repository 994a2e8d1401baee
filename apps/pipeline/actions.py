"""What users and operators do with videos: make, cancel, retry, change scenes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.billing import queries as billing
from apps.drafts.actions import note_ordered
from apps.pipeline import artifacts, catalogue, engine, erasure, handover, hints, quotes, settlement, turns
from apps.pipeline.attempt_prices import AttemptPrice, attempt_of_retry, price_of_attempt
from apps.pipeline.briefs import Order
from apps.pipeline.codec import digest, from_json, to_json
from apps.pipeline.contracts import Brief, Script
from apps.pipeline.judging import require_harmless
from apps.pipeline.models import Artifact, Job, Project
from apps.pipeline.offered_voices import current_offer
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.queries import are_files_gone
from apps.pipeline.remakes import remake_of, script_made_for
from apps.pipeline.states import OPEN, JobState, move
from apps.pipeline.text.editing import SceneChange
from canvascast.amounts import credits_in_words
from canvascast.errors import Refused
from canvascast.funnel import actions as funnel
from canvascast.funnel.models import FactKind
from canvascast.logs import get_logger

log = get_logger("pipeline")

MOST_OPEN_VIDEOS = 5
NO_SCRIPT = "This video has no script yet, so there are no scenes to change."


class NotPossible(Rejected):
    """The video is not in a state in which this can be done."""

    def __init__(self, sentence: str) -> None:
        super().__init__("not_possible", sentence)


class PriceChanged(Refused):
    """What was agreed to is not what it costs now."""


class TooManyOpenVideos(Refused):
    """The user has as many videos in the making as one user may have."""

    code = "RATE_LIMITED"
    status = HTTPStatus.TOO_MANY_REQUESTS


class IdempotencyConflict(Refused):
    """The idempotency key was used before, with another request."""


def job_under(key: str, request_digest: str, user: User) -> Job | None:
    """Return the user's job that was ordered under the key, None where there is none, or no key. One query.

    Raises IdempotencyConflict where another request was.
    """
    job: Job | None = Job.objects.for_user(user).filter(idempotency_key=key).first() if key else None
    if job is not None and job.request_digest != request_digest:
        raise IdempotencyConflict("This Idempotency-Key was used before, with another request.")
    return job


def start_video(
    *,
    order: Order,
    by: User,
    at: datetime,
    idempotency_key: str = "",
    request_digest: str = "",
    draft_id: UUID | None = None,
) -> Job:
    """Check the order, set its price aside and start the video; the draft that it came from waits no longer.

    The same key with the same digest returns the job that exists. Raises BriefRefused, InsufficientCredits, DebtOwed,
    TooManyOpenVideos and IdempotencyConflict.
    """
    # Here, because a list of voices may have to be read from a vendor, and nobody's lock waits for one.
    offer = current_offer()
    with transaction.atomic():
        _lock_user(by)
        known = job_under(idempotency_key, request_digest, by)
        if known is not None:
            return known
        brief = quotes.brief_of(order, offer)
        note_ordered(user=by, draft_id=draft_id, prompt=order.prompt, transcript=order.transcript or "", at=at)
        return _start_project(brief, by, at=at, asked=_Asked(idempotency_key or None, request_digest))


def retry_video(*, job: Job, by: User, at: datetime, agreed_credits: int | None = None) -> Job:
    """Make an ended job's video again as a new job; everything finished is reused. A ready one only without files.

    Its price is set aside again, less what a stopped job kept. With `agreed_credits`, whoever was shown a price sets
    aside exactly that or nothing. Raises NotPossible, PriceChanged, InsufficientCredits, DebtOwed and
    TooManyOpenVideos.
    """
    with transaction.atomic():
        project = _lock_project(job)
        _require_idle(job, project)
        if job.state == JobState.READY and not are_files_gone(project.pk):
            raise NotPossible("This video is ready; there is nothing to retry.")
        _require_newest(job)
        _lock_user(project.user)
        changed_scenes, cost = attempt_of_retry(job)
        _require_agreed(agreed_credits, cost)
        return _start_job(
            project=project,
            brief=from_json(job.brief, Brief),
            cost=cost,
            script=script_made_for(job),
            at=at,
            changed_scenes=changed_scenes,
        )


def remake_scenes(
    *,
    job: Job,
    changes: Sequence[SceneChange],
    by: User,
    at: datetime,
    agreed_credits: int | None = None,
    idempotency_key: str = "",
    request_digest: str = "",
    before_judging: Callable[[], None] = lambda: None,
) -> Job:
    """Make an ended job's video again as a new job with scenes changed; everything else is reused.

    Its price is that of the changed scenes, and of the whole video where it was never finished or its files are gone.
    With `agreed_credits`, whoever was shown a price sets aside exactly that or nothing. The same key with the same
    digest returns the job that exists; else `before_judging` is called once the changes can be paid, before a vendor is
    asked. Raises NotPossible, Rejected (SceneRefused where it is about one scene), NotJudged, PriceChanged,
    IdempotencyConflict, InsufficientCredits, DebtOwed and TooManyOpenVideos.
    """
    # Before anybody is asked, and once more under the lock: two requests may come at once.
    known = job_under(idempotency_key, request_digest, job.user)
    if known is not None:
        return known
    try:
        _require_remakable(job, Project.objects.get(pk=job.project_id), changes)
        _require_payable(job, changes)
    except (Rejected, Refused):
        # Its twin may have been taken since, with what is missing now.
        known = job_under(idempotency_key, request_digest, job.user)
        if known is None:
            raise
        return known
    before_judging()
    require_harmless(changes)
    with transaction.atomic():
        project = _lock_project(job)
        _lock_user(project.user)
        known = job_under(idempotency_key, request_digest, project.user)
        if known is not None:
            return known
        _require_remakable(job, project, changes)
        made = script_made_for(job)
        if made is None:
            raise NotPossible(NO_SCRIPT)
        remake = remake_of(job, from_json(made.payload, Script), changes)
        if not remake.changed:
            raise NotPossible("Nothing is otherwise than before, so there is nothing to make.")
        _require_agreed(agreed_credits, remake.cost)
        return _start_job(
            project=project,
            brief=from_json(job.brief, Brief),
            cost=remake.cost,
            script=_keep_edited_script(job, made, remake.script),
            at=at,
            changed_scenes=remake.changed_scenes,
            asked=_Asked(idempotency_key or None, request_digest),
        )


def cancel_video(*, job_id: UUID, by: User, at: datetime) -> None:
    """Stop a job; its workers notice within a second, and what was not used of its credits comes back.

    Raises NotPossible when it has ended already.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.is_finished:
            raise NotPossible("This video is finished, so it cannot be stopped.")
        _stop(job, at=at)
    log.info("canceled", traceId=str(job_id), userId=str(by.pk))


def delete_project(*, project: Project, by: User, at: datetime) -> None:
    """Remove the video and what the user wrote for it; jobs and ledger stay, and a worker deletes its files.

    An open job is stopped first. Deleting twice changes nothing.
    """
    with transaction.atomic():
        locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        for job in Job.objects.select_for_update().filter(project=locked, state__in=OPEN):
            _stop(job, at=at)
        erasure.erase_project(locked, at=at)
    log.info("deleted", projectId=str(project.pk), userId=str(by.pk))


@dataclass(frozen=True)
class _Asked:
    """How a program asked for the job, so that asking twice is noticed."""

    idempotency_key: str | None = None
    request_digest: str = ""


_ONCE = _Asked()


def _start_project(brief: Brief, by: User, *, at: datetime, asked: _Asked) -> Job:
    project = Project.objects.create(user=by, title=brief.title, created_at=at)
    cost = price_of_attempt(brief)
    return _start_job(project=project, brief=brief, cost=cost, script=None, at=at, asked=asked)


def _start_job(
    *,
    project: Project,
    brief: Brief,
    cost: AttemptPrice,
    script: Artifact | None,
    at: datetime,
    changed_scenes: int = 0,
    asked: _Asked = _ONCE,
) -> Job:
    _require_room(project.user)
    job = Job.objects.create(
        project=project,
        user=project.user,
        brief=to_json(brief),
        price=cost.price,
        reserved=cost.reserved,
        changed_scenes=changed_scenes,
        turn=turns.next_turn(project.user_id),
        created_at=at,
        idempotency_key=asked.idempotency_key,
        request_digest=asked.request_digest,
    )
    settlement.reserve(job, at=at)
    is_first = not Job.objects.filter(user=project.user).exclude(pk=job.pk).exists()
    which = "first" if is_first else "again"
    funnel.record(FactKind.VIDEO_ORDERED, about=job.pk, at=at, user_id=job.user_id, detail=which)
    opened = handover.open_job(job, presets={} if script is None else {"script": script})
    hints.send_hints(opened)
    log.info("created", traceId=str(job.pk), spanId=job.pk.hex[:16], userId=str(project.user_id))
    job.refresh_from_db()
    return job


def _lock_user(user: User) -> None:
    """One start at a time for a user, so that counting their open videos and keys is exact, and none once closed."""
    if not User.objects.select_for_update(no_key=True).get(pk=user.pk).is_active:
        raise NotPossible("This account is closed.")


def _require_room(user: User) -> None:
    if Job.objects.for_user(user).filter(state__in=OPEN).count() >= MOST_OPEN_VIDEOS:
        raise TooManyOpenVideos(
            f"{MOST_OPEN_VIDEOS} of your videos are being made already. Wait until one is done, or stop one.",
            {"limit": MOST_OPEN_VIDEOS},
        )


def _stop(job: Job, *, at: datetime) -> None:
    cost = settlement.settle_stopped(job, at=at)
    move(job.pk, JobState.CANCELED, at=at, step="", status_message="", cost=cost)
    engine.cancel_unfinished(job.pk, at=at)


def _lock_project(job: Job) -> Project:
    """One attempt at a time for a video. Whoever asks read the job before the lock, and it may have ended since."""
    locked = Project.objects.select_for_update(of=("self",), no_key=True)
    project: Project = locked.select_related("user").get(pk=job.project_id)
    job.refresh_from_db()
    return project


def _require_idle(job: Job, project: Project) -> None:
    if project.deleted_at is not None:
        raise NotPossible("This video was deleted.")
    if Job.objects.filter(project=project, state__in=OPEN).exists():
        raise NotPossible("This video is being made right now. Stop it or wait until it is done.")


def _require_newest(job: Job) -> None:
    """A finished version is gone on from whatever became of changes to it, until another one is finished."""
    newer = Job.objects.filter(project_id=job.project_id, created_at__gt=job.created_at)
    if (newer.filter(state=JobState.READY) if job.state == JobState.READY else newer).exists():
        raise NotPossible("There is a newer version of this video; go on from that one.")


def _require_remakable(job: Job, project: Project, changes: Sequence[SceneChange]) -> None:
    _require_idle(job, project)
    _require_changeable(job, changes)
    _require_newest(job)


def _require_changeable(job: Job, changes: Sequence[SceneChange]) -> None:
    if job.brief.get("recording") is not None and any(change.words is not None for change in changes):
        raise NotPossible("This video speaks with your own recording, so its words cannot be changed.")


def _require_agreed(agreed: int | None, cost: AttemptPrice) -> None:
    price = cost.reserved
    if agreed is not None and agreed != price:
        raise PriceChanged(
            f"This now sets aside {credits_in_words(price)}, not {agreed} as the button said. Nothing was charged and "
            "nothing started. Press the button again to agree to it.",
            {"agreed": agreed, "price": price},
        )


def _require_payable(job: Job, changes: Sequence[SceneChange]) -> None:
    """Nobody is asked about what could not be paid anyway; the ledger has the last word."""
    made = script_made_for(job)
    if made is not None:
        cost = remake_of(job, from_json(made.payload, Script), changes).cost
        billing.require_available(job.user_id, cost.reserved)


def _keep_edited_script(job: Job, made: Artifact, script: Script) -> Artifact:
    key = digest("edited", made.key, script)
    return artifacts.keep_artifact(job, catalogue.step_named("script"), "", key, script, provider="edit")
