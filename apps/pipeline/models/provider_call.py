from __future__ import annotations

from django.db import models
from django.utils import timezone


class CallState(models.TextChoices):
    INTENT = "intent"
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ProviderCall(models.Model):
    """One call to a provider, written down before it is made, so that what was bought is known even after a crash.

    `job_step` is the row it was made for; a sample of a voice and the learning of one are made for none.
    """

    job_step = models.ForeignKey(
        "pipeline.JobStep", null=True, blank=True, on_delete=models.CASCADE, related_name="provider_calls"
    )
    fence = models.PositiveIntegerField()
    capability = models.CharField(max_length=20)
    provider = models.CharField(max_length=80)
    method = models.CharField(max_length=20)
    idempotency_key = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=CallState, default=CallState.INTENT)
    model = models.CharField(max_length=80, blank=True)
    units = models.PositiveBigIntegerField(default=0)
    cost_micro_usd = models.PositiveBigIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    span_id = models.CharField(max_length=16)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "provider_calls"
        indexes = [
            models.Index(fields=["idempotency_key"], name="provider_calls_by_key"),
            models.Index(fields=["provider", "-started_at"], name="provider_calls_newest"),
            models.Index(
                fields=["provider", "-finished_at"],
                name="provider_calls_ended",
                condition=models.Q(state__in=[CallState.OK, CallState.FAILED]),
            ),
            models.Index(
                fields=["started_at"],
                name="provider_calls_costs",
                include=["provider", "cost_micro_usd"],
                condition=models.Q(cost_micro_usd__gt=0),
            ),
            models.Index(fields=["provider"], name="provider_calls_open", condition=models.Q(state=CallState.INTENT)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.method} {self.state}"
