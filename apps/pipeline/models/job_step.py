from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.pipeline.states import StepState


class JobStep(models.Model):
    """The unit of work that a worker claims: a step of a job, or one scene of it when `part` is a scene id."""

    job = models.ForeignKey("pipeline.Job", on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=20)
    part = models.CharField(max_length=40, blank=True, default="")
    ordinal = models.PositiveIntegerField(help_text="order within the job, by step and then part")
    queue = models.CharField(max_length=20, default="steps")
    state = models.CharField(max_length=10, choices=StepState, default=StepState.WAITING)
    fence = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0, help_text="starts since the last stored unit")
    max_attempts = models.PositiveIntegerField(default=3)
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    hinted_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=160, blank=True)
    request = models.JSONField(null=True, blank=True)
    key = models.CharField(max_length=64, blank=True)
    artifact = models.ForeignKey("pipeline.Artifact", null=True, blank=True, on_delete=models.PROTECT)
    reused = models.BooleanField(default=False)
    progress = models.FloatField(default=0)
    message = models.CharField(max_length=200, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    turn = models.FloatField(db_default=0.0, help_text="its job's")
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="its job's: what a job opens later stands in line with the rest"
    )

    class Meta:
        db_table = "job_steps"
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(name="job_steps_once", fields=["job", "step", "part"]),
            models.CheckConstraint(
                name="job_steps_lease_iff_running",
                condition=Q(state=StepState.RUNNING, lease_until__isnull=False)
                | (~Q(state=StepState.RUNNING) & Q(lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_steps_artifact_when_done",
                condition=~Q(state=StepState.DONE) | Q(artifact__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue", "turn", "created_at", "ordinal"],
                name="job_steps_by_turn",
                condition=Q(state__in=[StepState.QUEUED, StepState.RUNNING]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.part}".strip()


class StepAttempt(models.Model):
    """One start of a unit of work and how it ended. `outcome` is empty while it runs or when its worker died."""

    job_step = models.ForeignKey(JobStep, on_delete=models.CASCADE, related_name="attempts")
    fence = models.PositiveIntegerField()
    span_id = models.CharField(max_length=16)
    worker = models.CharField(max_length=160)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    detail = models.TextField(blank=True, help_text="for staff; never shown to a customer")
    cpu_seconds = models.FloatField(default=0)

    class Meta:
        db_table = "job_step_attempts"
        constraints = [models.UniqueConstraint(name="job_step_attempts_once", fields=["job_step", "fence"])]

    def __str__(self) -> str:
        return f"{self.job_step} #{self.fence} {self.outcome}"
