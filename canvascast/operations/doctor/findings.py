"""What a check finds, and checks that run side by side, each bounded in time and none able to stop another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Literal

from django.db import Error as DatabaseTrouble
from django.db import ProgrammingError, connections

from canvascast.logs import get_logger

log = get_logger("doctor")

State = Literal["ok", "not set", "unchecked", "trouble"]
DATABASE_FIX = "Start PostgreSQL and look at DATABASE_URL; in development `manage.py run` starts one."
MIGRATE = "Run `manage.py migrate`."
_SECONDS = 15.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `fix` says what to do when its state is not ok.

    "unchecked" is what nobody can tell from here; only "trouble" makes the command fail.
    """

    name: str
    state: State
    text: str
    fix: str = ""


@dataclass(frozen=True)
class Check:
    """`look` returns one finding or several; `hang_fix` is what to do when it does not come to an end in time."""

    name: str
    look: Callable[[], Finding | list[Finding]]
    hang_fix: str = "What it asks hangs: see whether that machine is well, then try again."
    seconds: float = _SECONDS


def run_all(checks: Sequence[Check]) -> list[Finding]:
    """Run all checks at once, return what they found in their order, whatever some of them do."""
    ends: list[tuple[Check, SimpleQueue[list[Finding]]]] = []
    began = time.monotonic()
    for check in checks:
        found: SimpleQueue[list[Finding]] = SimpleQueue()
        threading.Thread(target=_run, args=(check, found), name=check.name, daemon=True).start()
        ends.append((check, found))
    return [finding for check, found in ends for finding in _found_by(check, found, began)]


def trouble(name: str, text: str, fix: str) -> Finding:
    return Finding(name, "trouble", text, fix)


def _found_by(check: Check, found: SimpleQueue[list[Finding]], began: float) -> Iterable[Finding]:
    try:
        return found.get(timeout=max(began + check.seconds - time.monotonic(), 0.01))
    except Empty:
        return [trouble(check.name, f"not done within {check.seconds:g} s", check.hang_fix)]


def _run(check: Check, found: SimpleQueue[list[Finding]]) -> None:
    try:
        looked = check.look()
        found.put(looked if isinstance(looked, list) else [looked])
    except ProgrammingError:
        found.put([trouble(check.name, "the database's tables are not those of this program", MIGRATE)])
    except DatabaseTrouble:
        found.put([trouble(check.name, "the database does not answer", DATABASE_FIX)])
    except Exception as error:
        log.exception("check_failed", check=check.name)
        fix = "This is a fault of the program: the log has it under `check_failed`."
        found.put([trouble(check.name, f"could not be looked at ({type(error).__name__})", fix)])
    finally:
        connections.close_all()
