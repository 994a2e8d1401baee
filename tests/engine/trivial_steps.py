"""Three small steps of the same shape as the product's: one piece, one with parts, and the package at the end."""

from __future__ import annotations

import errno
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import OperationalError

from apps.pipeline.contracts import Blob, Package, PackagedFile
from apps.pipeline.providers.errors import RateLimited, Rejected, Transient
from apps.pipeline.steps.base import Context, Inputs, Retry, Step


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Said:
    """A script; one of the product's, which has no `text`, says nothing here."""

    text: str = ""


@dataclass(frozen=True)
class Letters:
    files: tuple[Blob, ...]


class Words(Step):
    name = "script"
    status = "SCRIPTING"
    uses = ("prompt",)
    result = Said
    request_type = Text
    retry = Retry(attempts=3, backoff_seconds=0.05)

    def request(self, inputs: Inputs) -> Text:
        return Text(inputs.brief["prompt"])

    def make(self, request: Text, context: Context) -> Said:
        return Said(request.text.upper())


class Parts(Step):
    name = "voice"
    status = "VOICE_GEN"
    reads = ("script",)
    result = Letters
    request_type = Letters
    part_result = Blob
    part_request_type = Text
    retry = Retry(attempts=3, backoff_seconds=0.05)

    def parts(self, inputs: Inputs) -> dict[str, Text]:
        words = inputs.contracts["script"].text.split()
        return {f"scene_{number:03d}": Text(word) for number, word in enumerate(words, 1)}

    def make_part(self, request: Text, context: Context) -> Blob:
        _use_units(request.text, context)
        _misbehave(request.text, context)
        return context.store.put_bytes(request.text.encode(), ".txt")

    def request(self, inputs: Inputs) -> Letters:
        return Letters(tuple(inputs.parts.values()))

    def make(self, request: Letters, context: Context) -> Letters:
        return request


class Pack(Step):
    name = "package"
    status = "PACKAGING"
    reads = ("voice",)
    result = Package
    request_type = Letters
    per_job = True

    def request(self, inputs: Inputs) -> Letters:
        return inputs.contracts["voice"]

    def make(self, request: Letters, context: Context) -> Package:
        for blob in request.files:
            context.store.fetch(blob)
        files = tuple(PackagedFile(f"{number}.txt", "script", blob) for number, blob in enumerate(request.files))
        return Package(files=files, verdicts=(), duration_ms=1000)


_ERRORS = {
    "DISK-FULL": OSError(errno.ENOSPC, "No space left on device"),
    "BUG": ZeroDivisionError("secret detail"),
}


def _use_units(word: str, context: Context) -> None:
    if word.startswith("USES-A-UNIT") and context.recall("unit", Text("unit"), Text) is None:
        context.keep("unit", Text("unit"), Text("kept"))


def _misbehave(word: str, context: Any) -> None:  # Any: the runner's context
    """Words that name a fault bring it about; the first letter of a file's name counts its starts."""
    starts = Path(context.scratch).parent / f"starts-{word}"
    with starts.open("a") as stream:
        stream.write("x")
    count = len(starts.read_text())
    if word == "REFUSED":
        raise Rejected("refused", "This word cannot be used. Please take another.")
    if word == "ALWAYS-BUSY" or (word == "BUSY-ONCE" and count == 1):
        raise Transient("busy")
    if word == "LATER" and count == 1:
        from datetime import UTC, datetime, timedelta

        raise RateLimited("rate_limited", after=datetime.now(UTC) + timedelta(milliseconds=200))
    if word == "OUTAGES" and count <= 5:
        raise OperationalError("the connection is closed")
    if word == "KEEP-THEN-BUSY":
        context.keep("unit", Text(word), Text("kept"))
        raise Transient("busy")
    if word in _ERRORS:
        raise _ERRORS[word]
    if word == "POISON":
        import os
        import signal

        os.kill(os.getpid(), signal.SIGKILL)
    if word.startswith("SLOW"):
        for tick in range(40):
            context.progress(tick / 40, "slow")
            time.sleep(0.05)


STEPS: tuple[Step, ...] = (Words(), Parts(), Pack())
