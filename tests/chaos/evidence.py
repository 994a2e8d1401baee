"""What the database, the mail server and the diary tell of a storm."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from django.db.models import Count, Q

from apps.notifications.models import MailState, Notification
from apps.pipeline.models import Artifact, Asset, Job, JobStep, StepAttempt
from apps.pipeline.states import TERMINAL
from tests.chaos.killer import Kill
from tests.chaos.storm_steps import DIARY
from tests.wire.resend import ResendServer


@dataclass(frozen=True)
class Entry:
    """A line of the diary: a step began or had made its result."""

    what: str
    job: UUID
    step: str
    word: str
    pid: int
    at: float


def diary(folder: Path, jobs: Iterable[Job]) -> list[Entry]:
    """Return what the steps of these jobs wrote, in order."""
    wanted = {job.pk for job in jobs}
    lines = (line.split() for line in (folder / DIARY).read_text().splitlines())
    entries = [Entry(what, UUID(job), step, word, int(pid), float(at)) for what, job, step, word, pid, at in lines]
    return [entry for entry in entries if entry.job in wanted]


def outcomes(jobs: Iterable[Job]) -> Counter[str]:
    return Counter(Job.objects.filter(pk__in=[job.pk for job in jobs]).values_list("state", flat=True))


def all_ended(jobs: Sequence[Job]) -> bool:
    return not Job.objects.filter(pk__in=[job.pk for job in jobs]).exclude(state__in=TERMINAL).exists()


def made_twice(jobs: Sequence[Job]) -> int:
    """Count the results that are there twice: rows committed by two starts, artifacts of one key, files of one name."""
    rows = JobStep.objects.filter(job__in=jobs).annotate(done=Count("attempts", filter=Q(attempts__outcome="DONE")))
    projects = [job.project_id for job in jobs]
    artifacts = Artifact.objects.filter(project__in=projects).values("project", "key").annotate(n=Count("pk"))
    assets = Asset.objects.filter(job__in=jobs).values("job", "filename").annotate(n=Count("pk"))
    return rows.filter(done__gt=1).count() + artifacts.filter(n__gt=1).count() + assets.filter(n__gt=1).count()


def mails_settled(jobs: Sequence[Job]) -> bool:
    return not _facts(jobs).filter(state__in=[MailState.QUEUED, MailState.SENDING]).exists()


@dataclass(frozen=True)
class Mails:
    """`wanted` facts about jobs that were to be mailed, mails that left, and those of them that tell a fact again;
    `held_back` tries were answered as one that had left."""

    wanted: int
    found: int
    twice: int
    held_back: int


def mails(post: ResendServer, jobs: Sequence[Job]) -> Mails:
    """Count the mails about these jobs that the services' mail server let leave."""
    owners = {job.user.email for job in Job.objects.filter(pk__in=[job.pk for job in jobs]).select_related("user")}
    tries = [call for call in post.asked("/emails") if owners.intersection(call.json["to"])]
    found = [mail for mail in post.mails if owners.intersection(mail["to"])]
    facts = {mail["headers"]["X-Entity-Ref-ID"] for mail in found}
    return Mails(_facts(jobs).count(), len(found), len(found) - len(facts), len(tries) - len(found))


def recoveries(kills: Sequence[Kill], jobs: Sequence[Job]) -> tuple[list[float], list[float]]:
    """Return how many seconds work was not worked on whose worker was killed.

    First where another service lived on that was not killed until then, then where there was none.
    """
    by_lease: dict[str, list[Kill]] = defaultdict(list)
    for kill in kills:
        if kill.leases_of:
            by_lease[kill.leases_of].append(kill)
    beside: list[float] = []
    alone: list[float] = []
    attempts = StepAttempt.objects.filter(job_step__job__in=jobs).order_by("job_step_id", "fence")
    rows = list(attempts.values_list("job_step_id", "worker", "started_at", "outcome"))
    for (row, worker, started_at, outcome), (next_row, _, next_started_at, _) in pairwise(rows):
        if row != next_row or outcome not in ("LOST", "RELEASED"):
            continue
        end = _end_of(worker, started_at.timestamp(), by_lease)
        if end is None:
            continue
        seconds = next_started_at.timestamp() - end.at
        unhurt = set(end.beside) - {kill.service for kill in kills if end.at < kill.at < next_started_at.timestamp()}
        (beside if unhurt else alone).append(seconds)
    return beside, alone


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value that `share` of them do not exceed, to a millisecond."""
    ranked = sorted(values)
    return round(ranked[math.ceil(share * len(ranked)) - 1], 3) if ranked else None


def _end_of(worker: str, started_at: float, by_lease: dict[str, list[Kill]]) -> Kill | None:
    """Return the first kill after that moment that ended the worker; the supervisor's names no queue."""
    _, pid, queue = worker.rsplit("/", 1)[0].split(":")
    candidates = by_lease[f"{pid}:{queue}"] + by_lease[f"{pid}:"]
    return min((kill for kill in candidates if kill.at >= started_at), key=lambda kill: kill.at, default=None)


def _facts(jobs: Sequence[Job]):
    users = {job.user_id for job in jobs}
    return Notification.objects.filter(user__in=users, key__in=[str(job.pk) for job in jobs])
