"""Every provider call, written down before it is made and again when its answer is in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from apps.pipeline.codec import digest
from apps.pipeline.engine import Claim
from apps.pipeline.models import ProviderCall
from apps.pipeline.models.provider_call import CallState
from apps.pipeline.providers.aligner.cascade import Cascade
from apps.pipeline.providers.errors import PipelineError
from canvascast.logs import get_logger

log = get_logger("provider")


def recorded(provider: Any, capability: str, claim: Claim) -> Any:  # Any: one of four provider protocols
    """Return the provider with its calls recorded; the members of a cascade each under their own name."""
    if isinstance(provider, Cascade):
        return provider.through(lambda member: RecordedProvider(member, capability, claim))
    return RecordedProvider(provider, capability, claim)


class RecordedProvider:
    """Stands before a provider: its calls that take one request are recorded, everything else passes through."""

    def __init__(self, provider: Any, capability: str, claim: Claim) -> None:  # Any: one of four provider protocols
        self._provider = provider
        self._capability = capability
        self._claim = claim

    def __getattr__(self, name: str) -> Any:  # Any: whatever the provider has under that name
        attribute = getattr(self._provider, name)
        if not callable(attribute):
            return attribute

        def recorded(*requests: object) -> object:
            return self._call(name, attribute, requests) if requests else attribute()

        return recorded

    def _call(self, method: str, function: Callable[..., Any], requests: tuple[object, ...]) -> object:
        record = self._write_intent(method, requests)
        started = time.monotonic()
        try:
            result = function(*requests)
        except Exception as error:
            code = error.code if isinstance(error, PipelineError) else type(error).__name__
            self._close(record, started, state=CallState.FAILED, error_code=code[:60])
            raise
        usage = result.usage
        self._close(
            record,
            started,
            state=CallState.OK,
            model=usage.model[:80],
            units=usage.units,
            cost_micro_usd=usage.cost_micro_usd,
        )
        return result

    def _write_intent(self, method: str, requests: tuple[object, ...]) -> ProviderCall:
        key = digest(self._provider.identity, method, [repr(request) for request in requests])
        lost = ProviderCall.objects.filter(job_step_id=self._claim.row_id, state=CallState.INTENT)
        lost.exclude(fence=self._claim.fence).update(state=CallState.UNKNOWN, finished_at=timezone.now())
        return ProviderCall.objects.create(
            job_step_id=self._claim.row_id,
            fence=self._claim.fence,
            capability=self._capability,
            provider=self._provider.name,
            method=method,
            idempotency_key=key,
            span_id=secrets.token_hex(8),
        )

    def _close(self, record: ProviderCall, started: float, **fields: Any) -> None:  # Any: ProviderCall's own columns
        ProviderCall.objects.filter(pk=record.pk).update(finished_at=timezone.now(), **fields)
        log.info(
            "provider_call",
            spanId=record.span_id,
            parentSpanId=self._claim.span_id,
            provider=record.provider,
            method=record.method,
            event_state=fields["state"].value,
            seconds=round(time.monotonic() - started, 3),
        )
