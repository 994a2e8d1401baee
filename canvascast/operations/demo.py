"""An account with something to look at: finished films, one that was stopped on the way, and what they cost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import account_of, mark_welcomed
from apps.accounts.models import User
from apps.billing import ledger, queries
from apps.billing.models import LedgerEntry, Source
from apps.drafts.presets import preset_named
from apps.pipeline.actions import NotPossible, cancel_video, retry_video, start_video
from apps.pipeline.briefs import Order
from apps.pipeline.console.outcome import abandon, follow
from apps.pipeline.console.worker import LocalWorker
from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import JobState, StepState

EMAIL = "demo@example.com"
# Each with a shape of its own.
_FILMS = {"explainer": "16:9", "history": "9:16", "science": "1:1"}
_STOPPED = "stopped"
_STOPPED_MINUTES = 3.0
_VOICE = "en-us"
_GIFT, _SECOND_GIFT, _SECOND_GIFT_DAYS = 20, 5, 30
_EMBEDDED = {"moderator": "word-list", "writer": "sample", "painter": "illustrator"}
_POLL_SECONDS = 0.2


class DemoRefused(Exception):
    """There can be no demo of that kind here; the message says why and what helps."""


@dataclass(frozen=True)
class Demo:
    """What is there now; `stopped` is the video that was not made to its end."""

    email: str
    films: tuple[Job, ...]
    stopped: Job
    available: int


def seed_demo(*, email: str, with_vendors: bool = False) -> Demo:
    """Make what is missing of the demo, which takes a minute or two; done twice it changes nothing.

    A film that could not be made is returned as it ended. Raises DemoRefused, what ordering a video raises, and
    CommandError when no worker starts.
    """
    if not with_vendors:
        _require_embedded()
    user = _demo_user(email)
    worker = LocalWorker()
    try:
        films = [_film(user, niche, shape, worker) for niche, shape in _FILMS.items()]
        stopped = _stopped_video(user, worker)
    finally:
        worker.stop()
    return Demo(user.email, tuple(map(_as_it_is, films)), _as_it_is(stopped), queries.balance(user.pk).available)


def _require_embedded() -> None:
    others = [settings.PROVIDERS[capability] for capability in _EMBEDDED]
    if others != list(_EMBEDDED.values()):
        named = " ".join(f"{capability.upper()}={name}" for capability, name in _EMBEDDED.items())
        raise DemoRefused(
            f"Vendors are set up here, who would be paid for the films. Set {named} for this command and the workers, "
            "or say --with-vendors."
        )


@transaction.atomic
def _demo_user(email: str) -> User:
    user = User.objects.filter(email__iexact=email).first()
    if user is not None and not LedgerEntry.objects.filter(idempotency_key=_key(user)).exists():
        raise DemoRefused(f"There is an account {email} already, and it is no demo. Name another with --email.")
    user = user or account_of(email=email)
    now = timezone.now()
    mark_welcomed(user=user, at=now)
    _give(user, _GIFT, "For a look around", _key(user), at=now, until=None)
    until = now + timedelta(days=_SECOND_GIFT_DAYS)
    _give(user, _SECOND_GIFT, "For coming back", f"{_key(user)}:2", at=now, until=until)
    return user


def _give(user: User, credits: int, reason: str, key: str, *, at: datetime, until: datetime | None) -> None:
    ledger.grant(user_id=user.pk, credits=credits, source=Source.GIFT, reason=reason, key=key, at=at, expires_at=until)


def _key(user: User) -> str:
    return f"demo:{user.pk}"


def _film(user: User, niche: str, shape: str, worker: LocalWorker) -> Job:
    """Return the finished film of that niche; one that failed or was left in the middle is made to its end."""
    preset = preset_named(niche)
    assert preset is not None
    sample = preset.sample
    order = Order(transcript=sample.script, title=sample.title, niche=niche, shape=shape, voice=_VOICE)
    job = _ordered(user, niche, order)
    if job.state in (JobState.FAILED, JobState.CANCELED) and job.project.deleted_at is None:
        job = retry_video(job=job, by=user, at=timezone.now())
    return _followed(job, worker)


def _stopped_video(user: User, worker: LocalWorker) -> Job:
    preset = preset_named("facts")
    assert preset is not None
    order = Order(prompt=preset.example, niche="facts", minutes=_STOPPED_MINUTES, voice=_VOICE)
    job = _ordered(user, _STOPPED, order)
    try:
        while not (job.is_finished or _has_spoken(job)):
            time.sleep(_POLL_SECONDS)
            worker.ensure()
            job.refresh_from_db()
        cancel_video(job_id=job.pk, by=user, at=timezone.now())
    except NotPossible:
        # It has ended, now or in an earlier run.
        pass
    except BaseException:
        abandon(job)
        raise
    return job


def _ordered(user: User, name: str, order: Order) -> Job:
    """Return the newest try of the demo's video of that name, ordered now if there is none."""
    key = f"demo:{name}"
    first = Job.objects.filter(user=user, idempotency_key=key).first()
    if first is None:
        return start_video(order=order, by=user, at=timezone.now(), idempotency_key=key)
    newest: Job = Job.objects.select_related("project").filter(project_id=first.project_id).latest("created_at")
    return newest


def _followed(job: Job, worker: LocalWorker) -> Job:
    try:
        return follow(job, worker)
    except BaseException:
        abandon(job)
        raise


def _as_it_is(job: Job) -> Job:
    """Read the job anew, for its video has got its title meanwhile."""
    read: Job = Job.objects.select_related("project").get(pk=job.pk)
    return read


def _has_spoken(job: Job) -> bool:
    return JobStep.objects.filter(job=job, step="voice", part="", state=StepState.DONE).exists()
