"""One command's work from the moment its job exists: follow it, and say how it ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.core.management.base import CommandError, OutputWrapper

from apps.pipeline.console import report
from apps.pipeline.console.outcome import OutUnwritable, abandon, check_writable, collect, follow
from apps.pipeline.console.worker import local_worker
from apps.pipeline.estimates import waiting_time
from apps.pipeline.models import Job
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.quotes import Quote
from canvascast.errors import Refused
from canvascast.exit_codes import FAILED


def print_quote(ask: Callable[[], Quote], stdout: OutputWrapper, *, as_json: bool) -> None:
    """Print what an order would cost and how long it would take; exit code 2, by CommandError, when it is refused."""
    try:
        quote = ask()
    except Rejected as error:
        raise report.bad_use(error.sentence) from error
    report.write_quote(stdout, quote, waiting_time(quote.minutes), as_json=as_json)


def hand_over(start: Callable[[], Job], stdout: OutputWrapper) -> None:
    """Start a customer's job and leave it to the worker service. Raises CommandError with exit code 2 when refused."""
    report.quiet_logs()
    try:
        job = start()
    except (Rejected, Refused) as error:
        raise report.bad_use(error.sentence) from error
    report.write_started(stdout, job)


def see_through(start: Callable[[], Job], stdout: OutputWrapper, *, out: Path | None, as_json: bool) -> None:
    """Start a job, follow it to its end and print what it made.

    Raises CommandError: exit code 2 when `start` or `out` is refused, 1 when the job fails or is stopped.
    """
    report.quiet_logs()
    try:
        if out is not None:
            check_writable(out)
        job = start()
    except (Rejected, Refused, OutUnwritable) as error:
        raise report.bad_use(str(getattr(error, "sentence", error))) from error
    try:
        with local_worker() as worker:
            job = follow(job, worker)
    except BaseException:
        abandon(job)
        raise
    report.require_ready(job)
    try:
        report.write_outcome(stdout, collect(job, out), as_json=as_json)
    except OutUnwritable as error:
        raise CommandError(str(error), returncode=FAILED) from error
