"""What a video is charged, and when. Every call belongs into the transaction that changes the job's state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Subquery
from django.utils.text import Truncator

from apps.billing import ledger, prices
from apps.notifications import actions as notifications
from apps.notifications.models import Event, WebhookEvent
from apps.notifications.webhooks import endpoints as webhooks
from apps.pipeline.blobs import storage_name
from apps.pipeline.contracts import Package
from apps.pipeline.failures import failure_of, scene_to_mend
from apps.pipeline.models import Job, JobStep
from apps.pipeline.packaging.names import POSTER
from apps.pipeline.states import JobState, StepState
from canvascast.funnel import actions as funnel
from canvascast.funnel.models import FactKind

_TITLE_CHARACTERS = 60


def title_of(job: Job) -> str:
    """Return what the video is called in the ledger and in messages: its title, or how its text begins."""
    return Truncator(job.project.title or job.opening).chars(_TITLE_CHARACTERS)


def reserve(job: Job, *, at: datetime) -> None:
    """Set the job's price aside. Raises InsufficientCredits and DebtOwed."""
    ledger.reserve(
        user_id=job.user_id,
        job_id=job.pk,
        project_id=job.project_id,
        title=title_of(job),
        credits=job.reserved,
        at=at,
    )


def settle_ready(job: Job, package: Package, *, at: datetime) -> int:
    """Charge what the finished video costs, at most what was reserved, and say that it is ready. Returns the charge."""
    actual = job.price if job.changed_scenes else _price_of(job, package)
    cost = _finalize(job, _unpaid(job, actual), at=at)
    funnel.record(FactKind.VIDEO_READY, about=job.pk, at=at, user_id=job.user_id, detail=job.brief["niche_preset"])
    facts: dict[str, str | int] = {
        "credits": cost,
        "held": job.reserved,
        "seconds": package.duration_ms // 1000,
        "still": _still(job, package),
    }
    _tell(job, Event.VIDEO_READY, facts, at=at)
    _tell_programs(job, WebhookEvent.JOB_READY, JobState.READY, cost=cost, at=at)
    return cost


def kept_on_stop(job: Job, results: Mapping[str, UUID]) -> int:
    """Return the credits that stopping the job now would keep of its reservation.

    `results` has the artifact of each finished step. Of changed scenes nothing is kept for their script, which was
    given, nor for a step whose result is that of the finished version. One query then, none for a whole video.
    """
    paid = set(results)
    if job.changed_scenes:
        finished = _results_of_finished(job)
        paid = {step for step, result in results.items() if step != "script" and result not in finished}
    return min(_unpaid(job, prices.kept_on_stop(price=job.price, finished_steps=paid)), job.reserved)


def settle_stopped(job: Job, *, at: datetime) -> int:
    """Charge the finished steps' share of the price and give the rest back. Returns the charge."""
    done = JobStep.objects.filter(job=job, part="", state=StepState.DONE).values_list("step", "artifact_id")
    return _finalize(job, kept_on_stop(job, dict(done)), at=at)


def settle_failed(job: Job, *, code: str, sentence: str, at: datetime) -> None:
    """Give everything back and say why the video was not made."""
    if job.reserved:
        ledger.release(job_id=job.pk, at=at)
    funnel.record(FactKind.VIDEO_FAILED, about=job.pk, at=at, user_id=job.user_id, detail=code)
    facts: dict[str, str | int] = {
        "code": code,
        "sentence": sentence,
        "creditsBack": job.reserved,
        "paidBefore": _paid_before(job),
        "mayPass": int(failure_of(code).may_pass),
        "scene": _scene_to_mend(job, code),
    }
    _tell(job, Event.VIDEO_FAILED, facts, at=at)
    _tell_programs(job, WebhookEvent.JOB_FAILED, JobState.FAILED, code=code, sentence=sentence, at=at)


def _results_of_finished(job: Job) -> set[UUID]:
    """Of the version that was finished last before this job."""
    ready = Job.objects.filter(project_id=job.project_id, state=JobState.READY, created_at__lt=job.created_at)
    rows = JobStep.objects.filter(job=Subquery(ready.order_by("-created_at").values("pk")[:1]), part="")
    return set(rows.filter(artifact__isnull=False).values_list("artifact_id", flat=True))


def _scene_to_mend(job: Job, code: str) -> int:
    failed = JobStep.objects.filter(job=job, state=StepState.FAILED).order_by("ordinal").first()
    if failed is None:
        return 0
    has_recording = job.brief.get("recording") is not None
    return scene_to_mend(step=failed.step, part=failed.part, code=code, has_recording=has_recording)


def _price_of(job: Job, package: Package) -> int:
    return prices.price_of_video(minutes=package.duration_ms / 60_000, niche=job.brief["niche_preset"])


def _still(job: Job, package: Package) -> str:
    """Return the storage name of the picture that stands for the video; empty when it has none."""
    found = (storage_name(job.user_id, file.file) for file in package.files if file.name == POSTER)
    return next(found, "")


def _unpaid(job: Job, credits: int) -> int:
    return max(0, credits - _paid_before(job))


def _paid_before(job: Job) -> int:
    """What earlier, stopped jobs of this video kept is part of the price and is not paid twice."""
    return job.price - job.reserved


def _finalize(job: Job, unpaid: int, *, at: datetime) -> int:
    if not job.reserved:
        return 0
    return ledger.finalize(job_id=job.pk, credits=unpaid, title=title_of(job), at=at)


def _tell(job: Job, event: Event, facts: dict[str, str | int], *, at: datetime) -> None:
    notifications.record(
        user_id=job.user_id,
        event=event,
        key=str(job.pk),
        facts={"jobId": str(job.pk), "projectId": str(job.project_id), "title": title_of(job), **facts},
        at=at,
        wanted=job.wants_mail,
    )


def _tell_programs(
    job: Job,
    event: WebhookEvent,
    state: JobState,
    *,
    at: datetime,
    cost: int = 0,
    code: str | None = None,
    sentence: str | None = None,
) -> None:
    """Tell the owner's programs what `GET /api/v1/jobs/{id}/status` would say of the job from now on."""
    webhooks.record(
        user_id=job.user_id,
        event=event,
        subject=str(job.pk),
        data={
            "jobId": str(job.pk),
            "projectId": str(job.project_id),
            "title": title_of(job),
            "status": state.value,
            "errorCode": code,
            "errorMessage": sentence,
            "creditsReserved": job.reserved,
            "creditsCharged": cost,
            "createdAt": job.created_at.isoformat(),
            "finishedAt": at.isoformat(),
        },
        at=at,
    )
