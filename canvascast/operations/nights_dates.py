"""Notes when the work of the night was last done, whoever does it: a timer's command, cron, a worker, a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseTrouble
from django.db import connection
from django.utils import timezone

from canvascast.logs import get_logger
from canvascast.operations.models import NightsWork, Work

log = get_logger("operations")


@contextmanager
def noted(work: Work) -> Iterator[None]:
    """Note that the block did this work, or that it failed: it did where no exception leaves it."""
    is_done = False
    try:
        yield
        is_done = True
    finally:
        _note(work, is_done=is_done)


def dates_of(work: Work) -> NightsWork:
    """Return its row; where there is none, one as of work that is expected from now on."""
    return NightsWork.objects.filter(pk=work).first() or NightsWork(name=work)


def _note(work: Work, *, is_done: bool) -> None:
    """Work is done also where that cannot be noted; its age then says that somebody must look."""
    try:
        _write(work, is_done)
    except DatabaseTrouble:
        # It may have taken hours, in which nobody used this connection and somebody on the way dropped it.
        connection.close()
        try:
            _write(work, is_done)
        except DatabaseTrouble as error:
            log.warning("nights_work_not_noted", work=work, is_done=is_done, reason=type(error).__name__)


def _write(work: Work, is_done: bool) -> None:
    moment = "done_at" if is_done else "failed_at"
    NightsWork.objects.update_or_create(name=work, defaults={moment: timezone.now()})
