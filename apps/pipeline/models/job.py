from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import Truncator

from apps.pipeline.models.ownership import OwnedQuerySet
from apps.pipeline.states import OPEN, TERMINAL, JobState
from canvascast.plain_text import one_line


class Job(models.Model):
    """One attempt to make a project's video; its id is the trace id. A trigger refuses any change to a terminal job."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("pipeline.Project", on_delete=models.PROTECT, related_name="jobs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    brief = models.JSONField(help_text="contracts.Brief as JSON, frozen when the job is created")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    step = models.CharField(max_length=20, blank=True, help_text="status name of the earliest unfinished step")
    progress = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, blank=True, help_text="when the progress last grew")
    status_message = models.CharField(max_length=200, blank=True)
    failed_step = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True, help_text="for the customer")
    price = models.PositiveIntegerField(default=0, help_text="credits for the whole video")
    reserved = models.PositiveIntegerField(default=0, help_text="the price less what an earlier, stopped job kept")
    cost = models.PositiveIntegerField(default=0, help_text="credits charged; known when the job has ended")
    changed_scenes = models.PositiveSmallIntegerField(default=0, help_text="of a remake; 0 for a whole video")
    turn = models.FloatField(db_default=0.0, help_text="place in the order between users; the lowest is made first")
    idempotency_key = models.CharField(max_length=120, null=True, blank=True)
    request_digest = models.CharField(max_length=64, blank=True, help_text="of the body sent with the idempotency key")
    wants_mail = models.BooleanField(
        null=True, blank=True, help_text="asked for on this video's page; empty: as the owner's preferences say"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "jobs"
        constraints = [
            models.CheckConstraint(
                name="jobs_finished_at_iff_terminal",
                condition=Q(state__in=TERMINAL, finished_at__isnull=False)
                | (~Q(state__in=TERMINAL) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(name="jobs_progress_percent", condition=Q(progress__lte=100)),
            models.CheckConstraint(name="jobs_full_only_when_ready", condition=Q(progress__lt=100) | Q(state="READY")),
            models.CheckConstraint(name="jobs_cost_within_reserved", condition=Q(cost__lte=F("reserved"))),
            models.CheckConstraint(name="jobs_reserved_within_price", condition=Q(reserved__lte=F("price"))),
            models.UniqueConstraint(name="jobs_idempotency", fields=["user", "idempotency_key"]),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="jobs_by_user"),
            models.Index(fields=["project", "-created_at"], name="jobs_by_project"),
            models.Index(fields=["turn", "created_at"], name="jobs_by_turn", condition=Q(state__in=OPEN)),
            models.Index(fields=["-finished_at"], name="jobs_made", condition=Q(state=JobState.READY)),
            models.Index(fields=["finished_at"], name="jobs_finished", condition=Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"

    @property
    def is_finished(self) -> bool:
        return self.state in TERMINAL

    @property
    def is_ready(self) -> bool:
        return self.state == JobState.READY

    @property
    def opening(self) -> str:
        """How the text that the user gave begins; it stands for a title until there is one."""
        text = self.brief.get("prompt") or self.brief.get("transcript_text") or "Untitled"
        return Truncator(one_line(text)).chars(80)

    @property
    def status(self) -> str:
        """The published status: the earliest unfinished step while the job runs, else the state."""
        return self.step if self.state == JobState.RUNNING and self.step else self.state
