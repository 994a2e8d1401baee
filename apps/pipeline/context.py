"""What the runner lends a step: files, progress, finished units, and a pulse that keeps the lease."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection, transaction

from apps.pipeline import artifacts, engine, outages, progress
from apps.pipeline.blobs import UserBlobs
from apps.pipeline.codec import from_json
from apps.pipeline.engine import Claim, LeaseLost
from apps.pipeline.models import Artifact, Job, Project
from apps.pipeline.render.process import kill_children
from apps.pipeline.steps.base import JobFacts, Step, Stopped
from canvascast.logs import get_logger

C = TypeVar("C")
log = get_logger("runner")

# After its deadline a step has this long to notice; then its whole process ends and the lease runs out.
_GRACE_SECONDS = 20
_EXIT_AFTER_DEADLINE = 70

# Who looks does so every two seconds at most, and sees whole percents.
_SHARE_TOLD = 0.01
_TOLD_EVERY_SECONDS = 2.0


class Pulse(threading.Thread):
    """Sees every second or quarter lease that the row is still ours, renews its lease and publishes progress.

    When the lease is lost, or the deadline passes, it kills the children of this process, so that whoever waits for
    them wakes up; `lost` and `overdue` say which it was, `is_cut_off` that it was lost for want of the database.
    """

    def __init__(self, claim: Claim, deadline_seconds: float) -> None:
        super().__init__(name=f"pulse-{claim.row_id}", daemon=True)
        self._claim = claim
        # A thread inherits none of its maker's context.
        self._log = log.bind(traceId=str(claim.job_id), spanId=claim.span_id)
        self._deadline = time.monotonic() + deadline_seconds
        self._ended = threading.Event()
        self._valid_until = time.monotonic() + settings.LEASE_SECONDS
        self.lost = threading.Event()
        self.overdue = threading.Event()
        self.is_cut_off = threading.Event()
        self.share = 0.0
        self.message = ""
        self._told_share, self._told_message, self._told_at = 0.0, "", 0.0

    def run(self) -> None:
        interval = min(1.0, settings.LEASE_SECONDS / 4)
        try:
            while not self._ended.wait(interval):
                self.beat()
        finally:
            connection.close()

    def is_over(self) -> bool:
        """Return whether the row is no longer ours to work on."""
        return self.lost.is_set() or self.overdue.is_set()

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def beat(self) -> None:
        """Renew once. A database that cannot be reached is borne until the lease is about to run out."""
        if time.monotonic() > self._deadline:
            self._end_overdue_work()
        # Before the question: an answer may come late, and the lease has run since.
        now, share, message = time.monotonic(), self.share, self.message
        tells = self._has_news(now, share, message)
        try:
            if engine.renew(self._claim, progress=share, message=message, tells=tells):
                self._valid_until = now + settings.LEASE_SECONDS
            if tells:
                progress.refresh(self._claim.job_id, message)
                self._told_share, self._told_message, self._told_at = share, message, now
        except LeaseLost:
            self._give_up()
        except DatabaseTrouble as error:
            self._log.warning("database_unavailable", row=self._claim.row_id, error_type=type(error).__name__)
            connection.close()
            # One more try may take that long, and another worker may begin the moment that the lease ends.
            if time.monotonic() > self._valid_until - settings.LEASE_SECONDS / 6:
                self.is_cut_off.set()
                self._give_up()
        except Exception:  # noqa: BLE001 - the thread ends here, and the log tells it
            self._log.exception("pulse_failed", row=self._claim.row_id)
            self._give_up()

    def _has_news(self, now: float, share: float, message: str) -> bool:
        """Tell whether there is something to publish: most seconds of most rows have nothing new."""
        is_new = share - self._told_share >= _SHARE_TOLD or message != self._told_message
        return is_new and now - self._told_at >= _TOLD_EVERY_SECONDS

    def _give_up(self) -> None:
        self.lost.set()
        kill_children()

    def _end_overdue_work(self) -> None:
        if not self.overdue.is_set():
            self.overdue.set()
            kill_children()
        elif time.monotonic() > self._deadline + _GRACE_SECONDS:
            self._log.error("step_stuck", row=self._claim.row_id)
            os._exit(_EXIT_AFTER_DEADLINE)


class StepContext:
    """The runner's side of `steps.base.Context`."""

    def __init__(
        self, *, job: Job, step: Step, claim: Claim, provider: Any, moderator: Any, scratch: Path, pulse: Pulse
    ) -> None:
        self.store = UserBlobs(job.user_id, scratch, is_patient=True, before_saving=self._require_held)
        self.scratch = scratch
        self.provider = provider  # Any above: the protocol of the step's capability, and of a moderator
        self.moderator = moderator
        self.job = JobFacts(str(job.pk), str(job.project_id), job.created_at.isoformat())
        self._job = job
        self._step = step
        self._claim = claim
        self._pulse = pulse

    def progress(self, share: float, message: str = "") -> None:
        """Note what is done; the pulse publishes it. Raises Stopped."""
        self._pulse.share = min(max(share, 0.0), 1.0)
        self._pulse.message = message
        if self._pulse.is_over():
            raise Stopped

    def recall(self, unit: str, request: object, kind: type[C]) -> C | None:
        """Return the unit made earlier from an equal request, or None. Raises Stopped."""
        key = self._unit_key(unit, request)
        artifact = artifacts.find_artifact(self._job, self._step, key)
        if artifact is not None and artifact.project_id != self._job.project_id:
            artifact = self._take_over(key)
        return None if artifact is None else from_json(artifact.payload, kind)

    def keep(self, unit: str, request: object, result: object) -> None:
        """Store a finished unit at once. Raises Stopped when the lease is lost."""
        try:
            outages.outlast(lambda: self._keep(unit, self._unit_key(unit, request), result))
        except LeaseLost as error:
            raise Stopped from error

    @transaction.atomic
    def _keep(self, unit: str, key: str, result: object) -> None:
        engine.note_stored_unit(self._claim)
        artifacts.keep_artifact(self._job, self._step, unit, key, result, self._provider_name())

    def _take_over(self, key: str) -> Artifact | None:
        """Another project's files may go with that project while this step still needs them."""
        with transaction.atomic():
            Project.objects.select_for_update(no_key=True).get(pk=self._job.project_id)
            if Job.objects.select_for_update().get(pk=self._job.pk).is_finished:
                raise Stopped
            return artifacts.take_over_artifact(self._job, self._step, key)

    def _require_held(self) -> None:
        try:
            is_held = engine.is_held(self._claim)
        except DatabaseTrouble:
            # The commit judges it again, and what was paid for is kept.
            return
        if not is_held:
            raise Stopped

    def _unit_key(self, unit: str, request: object) -> str:
        identity = self.provider.identity if self.provider is not None else ""
        return artifacts.work_key(self._job, self._step, f"unit:{unit}", request, identity)

    def _provider_name(self) -> str:
        return self.provider.name if self.provider is not None else ""
