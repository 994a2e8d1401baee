"""Whether a paid call may be made now: the vendor's limits, its health, and what a video and a day may cost.

Everything is judged by the rows of `provider_calls`, and a call is let in under one lock a vendor: it holds for all
workers on all machines, and a killed worker leaves nothing that would have to be given back. Who sees without the lock
that the gate is shut does not ask for it: many may wait, and none of them holds up those who may go in.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, F, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Now

from apps.pipeline.models import Job, ProviderCall
from apps.pipeline.models.provider_call import CallState
from apps.pipeline.providers.errors import PipelineError
from apps.pipeline.states import JobState, StepState
from canvascast.advisory_locks import until_commit
from canvascast.logs import get_logger

log = get_logger("provider")

# So many calls in a row that the vendor did not answer as agreed, and nobody asks for that long; then one tries.
_FAILURES_IN_A_ROW = 5
_REST = timedelta(seconds=20)
_TROUBLE = frozenset({"vendor_unreachable", "vendor_trouble", "vendor_bad_answer"})
LONGEST_CALL = timedelta(minutes=5)
"""No call takes longer: one that is open after that, for no row, lost its process."""
SOON = timedelta(milliseconds=150)
"""When to look again where it cannot be known; whoever finds it shut again and again should look less often."""
_MINUTE = timedelta(seconds=60)
_MICRO = 1_000_000
_MOST_TRIES = 200
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def enter(call: ProviderCall) -> datetime | None:
    """Save `call` as about to be made and return None, or return when to ask again.

    Raises PipelineError: "spend_cap" when its video has cost what it may, "daily_budget" when the day has.
    """
    now = clock()
    moment = closed_until(call.provider, now)
    if moment is not None:
        return moment
    # What an open call will cost nobody knows, so that this is no truer under the lock.
    _require_money(call, now)
    with transaction.atomic():
        until_commit(f"provider:{call.provider}")
        now = clock()
        moment = closed_until(call.provider, now)
        if moment is None:
            call.started_at = now
            call.save(force_insert=True)
        return moment


def clock() -> datetime:
    """Return the database's time: a machine whose clock is fast must not shut the others out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def closed_until(provider: str, now: datetime) -> datetime | None:
    """Return when to ask the vendor at the earliest, or None where it may be asked now. Three queries at most."""
    resting_until = _resting_until(provider)
    if resting_until is not None and now < resting_until:
        return resting_until
    most = settings.PROVIDER_CONCURRENCY.get(provider, settings.PROVIDER_CONCURRENCY["*"])
    if _open_calls(provider, now) >= (most if resting_until is None else 1):
        return now + SOON
    return _next_of_minute(provider, now)


def _require_money(call: ProviderCall, now: datetime) -> None:
    if call.job_step is not None:
        _require_below_cap(call, call.job_step.job_id)
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    if _spent(started_at__gte=midnight) >= settings.DAILY_BUDGET_USD * _MICRO:
        log.error("daily_budget", budget_usd=settings.DAILY_BUDGET_USD)
        raise PipelineError("daily_budget", f"{call.provider}: the day has cost what it may")


def _require_below_cap(call: ProviderCall, job_id: UUID) -> None:
    prices = dict(_tries(job_id).values_list("pk", "price"))
    cap = max(1, *prices.values()) * settings.SPEND_CAP_USD_A_CREDIT * _MICRO
    if _spent(job_step__job_id__in=list(prices)) >= cap:
        log.error("spend_cap", cap_micro_usd=round(cap))
        raise PipelineError("spend_cap", f"{call.provider}: this video has cost what it may")


def _tries(job_id: UUID) -> QuerySet[Job]:
    """Return the newest tries at the video since it was last ready, this one among them.

    Who stops a job and begins anew gets no second purse: one video is paid for once.
    """
    mine = Job.objects.filter(project_id=Job.objects.values_list("project_id", flat=True).get(pk=job_id))
    ready = mine.filter(state=JobState.READY).order_by("-created_at").values("created_at")[:1]
    since = Coalesce(Subquery(ready), Value(_LONG_AGO), output_field=DateTimeField())
    return mine.filter(created_at__gt=since).order_by("-created_at")[:_MOST_TRIES]


def _spent(**which: object) -> int:
    return ProviderCall.objects.filter(cost_micro_usd__gt=0, **which).aggregate(sum=Sum("cost_micro_usd"))["sum"] or 0


def _open_calls(provider: str, now: datetime) -> int:
    of_a_row = Q(job_step__state=StepState.RUNNING, job_step__fence=F("fence"), job_step__lease_until__gt=Now())
    of_none = Q(job_step__isnull=True, started_at__gt=now - LONGEST_CALL)
    return ProviderCall.objects.filter(of_a_row | of_none, provider=provider, state=CallState.INTENT).count()


def _resting_until(provider: str) -> datetime | None:
    """Return when the vendor may be asked again, or None when its last calls were answered."""
    ended = ProviderCall.objects.filter(provider=provider, state__in=(CallState.OK, CallState.FAILED))
    newest = list(ended.order_by("-finished_at").values_list("state", "error_code", "finished_at")[:_FAILURES_IN_A_ROW])
    if len(newest) < _FAILURES_IN_A_ROW or any(
        state != CallState.FAILED or code not in _TROUBLE for state, code, _ in newest
    ):
        return None
    last = newest[0][2]
    return last + _REST if last else None


def _next_of_minute(provider: str, now: datetime) -> datetime | None:
    most = settings.PROVIDER_CALLS_A_MINUTE.get(provider, settings.PROVIDER_CALLS_A_MINUTE["*"])
    recent = ProviderCall.objects.filter(provider=provider, started_at__gt=now - _MINUTE).order_by("-started_at")
    started: list[datetime] = list(recent.values_list("started_at", flat=True)[most - 1 : most])
    return started[0] + _MINUTE if started else None
