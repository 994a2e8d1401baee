"""Which faults the error tracker is told of, and what a task that ends with one leaves."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError
from django.http import Http404

from apps.pipeline import failures
from apps.pipeline.providers.errors import PipelineError
from canvascast.errors import Refused
from canvascast.logs import get_logger
from canvascast.mail import MailUnavailable
from canvascast.storages import StorageUnavailable

log = get_logger("worker")

_EXPECTED: tuple[type[BaseException], ...] = (
    *(Refused, Http404, PermissionDenied, SuspiciousOperation, CommandError, KeyboardInterrupt),
    *(StorageUnavailable, MailUnavailable, OperationalError, InterfaceError),
)


def is_expected(error: BaseException) -> bool:
    """Tell what nobody of ours has to look at: refusals, a vendor's trouble, outages, a person who stops a command.

    Where a customer reads that it was our fault, somebody of ours does.
    """
    if isinstance(error, PipelineError):
        return failures.failure_of(error.code).kind is not failures.Kind.OURS
    return isinstance(error, _EXPECTED)


class FailedTasks:
    """What django-q2 calls where a task failed."""

    def report(self) -> None:
        """Log the exception that is being handled."""
        log.exception("task_failed")
