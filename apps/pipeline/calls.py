"""Every provider call, written down before it is made and again when its answer is in."""

from __future__ import annotations

import itertools
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.pipeline import gate, outages
from apps.pipeline.codec import digest
from apps.pipeline.engine import Claim
from apps.pipeline.models import ProviderCall
from apps.pipeline.models.provider_call import CallState
from apps.pipeline.providers.aligner.cascade import Cascade
from apps.pipeline.providers.errors import PipelineError, RateLimited
from apps.pipeline.providers.usage import Usage
from apps.pipeline.steps.base import Stopped
from canvascast.logs import get_logger

log = get_logger("provider")


# A call that may not be made yet waits here for so long, then its row goes back to the queue, where it rests a while.
# Each time it is claimed is a row for ever: it waits longer each time, while nobody knows when its turn comes.
_PATIENCE = timedelta(seconds=5)
_MOST_TIMES_AS_PATIENT = 6
_REST_SECONDS = (3.0, 8.0)
# Each look finds fewer who look beside it; one that is free waits for the next to look, not for all of them.
_SHORTEST_NAP_SECONDS, _LONGEST_NAP_SECONDS = 0.02, 1.0


@dataclass(frozen=True)
class _Caller:
    """For which row a call is made, or for none. `is_over` tells that it is wanted no more: then nothing is bought."""

    job_step_id: int | None
    fence: int
    span_id: str
    is_over: Callable[[], bool]


def recorded(provider: Any, capability: str, claim: Claim, is_over: Callable[[], bool]) -> Any:
    """Return the provider with its calls for a row recorded; the members of a cascade each under their own name.

    Calls of a vendor pass the gate first. `is_over` tells that the row is no longer ours.
    """
    caller = _Caller(claim.row_id, claim.fence, claim.span_id, is_over)
    if isinstance(provider, Cascade):  # Any above: one of the provider protocols
        return provider.through(lambda member: RecordedProvider(member, capability, caller))
    return RecordedProvider(provider, capability, caller)


def recorded_alone(provider: Any, capability: str) -> Any:  # Any: one of the provider protocols
    """Return the provider with its calls recorded that are made for no video: a sample, a user's own voice.

    They pass the gate and count into the day's budget like all others.
    """
    return RecordedProvider(provider, capability, _Caller(None, 0, "", lambda: False))


class RecordedProvider:
    """Stands before a provider: its calls that take one request are recorded, everything else passes through."""

    def __init__(self, provider: Any, capability: str, caller: _Caller) -> None:
        self._provider = provider  # Any above: one of the provider protocols
        self._capability = capability
        self._caller = caller

    def __getattr__(self, name: str) -> Any:  # Any: whatever the provider has under that name
        attribute = getattr(self._provider, name)
        if not callable(attribute):
            return attribute

        def recorded(*requests: object) -> object:
            return self._call(name, attribute, requests) if requests else attribute()

        return recorded

    def _call(self, method: str, function: Callable[..., Any], requests: tuple[object, ...]) -> object:
        record = self._write_intent(method, requests)
        log.info("provider_call_started", **self._facts(record))
        started = time.monotonic()
        try:
            result = function(*requests)
        except Exception as error:
            code = error.code if isinstance(error, PipelineError) else type(error).__name__
            self._close(record, started, error, state=CallState.FAILED, error_code=code[:60])
            raise
        self._close(record, started, result, state=CallState.OK)
        return result

    def _write_intent(self, method: str, requests: tuple[object, ...]) -> ProviderCall:
        """Record that the call is about to be made. Raises Stopped, RateLimited and what the gate raises."""
        key = digest(self._provider.identity, method, [repr(request) for request in requests])
        _lost_calls(self._caller).update(state=CallState.UNKNOWN, finished_at=timezone.now())
        record = ProviderCall(
            job_step_id=self._caller.job_step_id,
            fence=self._caller.fence,
            capability=self._capability,
            provider=self._provider.name,
            method=method,
            idempotency_key=key,
            span_id=secrets.token_hex(8),
        )
        if getattr(self._provider, "is_remote", False):
            self._pass_gate(record)
        else:
            record.save(force_insert=True)
        return record

    def _pass_gate(self, record: ProviderCall) -> None:
        given_up_at = gate.clock() + _PATIENCE * min(max(self._caller.fence, 1), _MOST_TIMES_AS_PATIENT)
        for looks in itertools.count():
            if self._caller.is_over():
                raise Stopped
            moment = gate.enter(record)
            if moment is None:
                return
            now = gate.clock()
            if moment > now + _PATIENCE or now > given_up_at:
                later = now + timedelta(seconds=random.uniform(*_REST_SECONDS))
                raise RateLimited("rate_limited", max(moment, later), f"{record.provider} is not to be asked yet")
            time.sleep(_nap_seconds(looks, moment, now))

    def _facts(self, record: ProviderCall) -> dict[str, str]:
        return {
            "spanId": record.span_id,
            "parentSpanId": self._caller.span_id,
            "provider": record.provider,
            "method": record.method,
        }

    def _close(self, record: ProviderCall, started: float, answer: object, **fields: Any) -> None:
        # Any: ProviderCall's own columns. Looking for a thing or deleting it uses nothing up, and most errors do not.
        usage = getattr(answer, "usage", None) or Usage(model="")
        fields |= {"model": usage.model[:80], "units": usage.units, "cost_micro_usd": usage.cost_micro_usd}
        # What was paid for is in hand: an outage of the database must not throw it away.
        outages.outlast(lambda: ProviderCall.objects.filter(pk=record.pk).update(finished_at=Now(), **fields))
        log.info(
            "provider_call",
            **self._facts(record),
            event_state=fields["state"].value,
            **({"error_code": code} if (code := fields.get("error_code")) else {}),
            duration=round(time.monotonic() - started, 3),
        )


def _lost_calls(caller: _Caller) -> QuerySet[ProviderCall]:
    """Return the calls whose process died with them open: of an earlier claim, or older than any call gets."""
    open_calls = ProviderCall.objects.filter(job_step_id=caller.job_step_id, state=CallState.INTENT)
    if caller.job_step_id is not None:
        return open_calls.exclude(fence=caller.fence)
    return open_calls.filter(started_at__lt=timezone.now() - gate.LONGEST_CALL)


def _nap_seconds(looks: int, moment: datetime, now: datetime) -> float:
    """Return how long to wait: to the moment, twice that after each look, and by chance less, lest all look at once."""
    wait = max((moment - now).total_seconds(), _SHORTEST_NAP_SECONDS) * 2.0 ** min(looks, 10)
    return min(wait, _LONGEST_NAP_SECONDS) * random.uniform(0.5, 1.0)
