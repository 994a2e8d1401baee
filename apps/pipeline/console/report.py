"""What a command says at the end: the result on stdout, trouble on stderr with the right exit code."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict

from django.core.management.base import CommandError, OutputWrapper
from django.template.defaultfilters import filesizeformat

from apps.pipeline.console.outcome import Outcome
from apps.pipeline.estimates import Wait
from apps.pipeline.models import Job
from apps.pipeline.quotes import Quote
from apps.pipeline.states import JobState
from canvascast.amounts import credits_in_words
from canvascast.exit_codes import BAD_USE, FAILED


def quiet_logs() -> None:
    """Keep the terminal for the table: a command that shows its progress logs trouble only."""
    logging.getLogger().setLevel(logging.WARNING)


def bad_use(sentence: str) -> CommandError:
    """Return the error for a command that was given something it cannot serve."""
    return CommandError(sentence, returncode=BAD_USE)


def require_ready(job: Job) -> None:
    """Raise CommandError with the job's own sentence unless it is READY."""
    if job.state == JobState.CANCELED:
        raise CommandError("Stopped. What was finished is kept; nothing was delivered.", returncode=FAILED)
    if job.state == JobState.FAILED:
        raise CommandError(f"{job.error_message} (video {job.pk}, {job.error_code})", returncode=FAILED)


def write_quote(stdout: OutputWrapper, quote: Quote, wait: Wait, *, as_json: bool) -> None:
    """Print the price of an order by its parts, the estimates it rests on, and when the video could be ready."""
    if as_json:
        items = [{"name": item.name, "credits": float(item.credits)} for item in quote.items]
        ready = {"ready_low_seconds": round(wait.low_seconds), "ready_high_seconds": round(wait.high_seconds)}
        stdout.write(json.dumps({**asdict(quote), "items": items, **ready}))
        return
    most = credits_in_words(quote.credits)
    stdout.write(f"At most {most}: about {quote.minutes:.1f} minutes in about {quote.scenes} scenes.")
    for item in quote.items:
        stdout.write(f"  {item.name:10} {item.credits:5.1f}")
    stdout.write(f"Ready in {wait.words}, were it ordered now.")


def write_started(stdout: OutputWrapper, job: Job) -> None:
    """Print that a customer's video is being made again, and what was set aside for it."""
    stdout.write(f"Started again for {job.user.email}; {credits_in_words(job.reserved)} of theirs set aside.")
    stdout.write(f"job:     {job.pk}")


def write_outcome(stdout: OutputWrapper, outcome: Outcome, *, as_json: bool) -> None:
    """Print where the film is and what it took."""
    if as_json:
        stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False))
        return
    minutes, seconds = divmod(round(outcome.duration_seconds), 60)
    stdout.write(f"{outcome.title} — {minutes}:{seconds:02d}, {filesizeformat(outcome.size_bytes)}")
    if outcome.written_by == "sample writer":
        stdout.write("The words were written by the sample writer: an outline to build on, not researched facts.")
    for step in outcome.steps:
        stdout.write(
            f"  {step.name.replace('_', ' '):12} {step.made:4} made {step.reused:4} reused"
            f" {step.wall_seconds:8.1f} s {step.cpu_seconds:8.1f} s cpu"
        )
    stdout.write(f"job:     {outcome.job_id}")
    stdout.write(f"video:   {outcome.video}")
    stdout.write(f"package: {outcome.package}")
