"""Which faults are bugs, and what a task that ends with one leaves."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError
from django.http import Http404

from apps.pipeline.providers.errors import PipelineError
from canvascast.errors import Refused
from canvascast.logs import get_logger
from canvascast.storages import StorageUnavailable

log = get_logger("worker")

EXPECTED: tuple[type[BaseException], ...] = (
    *(Refused, Http404, PermissionDenied, SuspiciousOperation, CommandError, KeyboardInterrupt),
    *(PipelineError, StorageUnavailable, OperationalError, InterfaceError),
)
"""What nobody has to change code for: refusals, a vendor's trouble, outages, a person who stops a command."""


class FailedTasks:
    """What django-q2 calls where a task failed."""

    def report(self) -> None:
        """Log the exception that is being handled."""
        log.exception("task_failed")
