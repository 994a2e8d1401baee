"""Kills processes of a fleet and remembers when and what, so that the database can tell how long each was missed."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import psutil

from tests.chaos.fleet import Fleet, Member, Service
from tests.workers import is_left

# How often each kind is chosen where all are there; workers and their children do the work.
WEIGHTS: Mapping[str, int] = {
    "worker": 5,
    "child": 4,
    "pusher": 1,
    "monitor": 1,
    "sentinel": 1,
    "cluster": 1,
    "supervisor": 1,
}


@dataclass(frozen=True)
class Kill:
    """One SIGKILL: of what, when (seconds of the system's clock), and which services were whole besides."""

    at: float
    kind: str
    leases_of: str
    """The service's pid and the queue of the workers whose work it ended, as their names have it; no queue for all.

    Empty for a child, whose worker lives on.
    """
    service: int
    beside: tuple[int, ...]
    below: tuple[psutil.Process, ...]


def kill(service: Service, member: Member, *, beside: Sequence[Service] = ()) -> Kill:
    """Kill the process, whatever it is doing."""
    below = tuple(_descendants(member.process))
    at = time.time()
    with contextlib.suppress(ProcessLookupError):
        os.kill(member.pid, signal.SIGKILL)
    return Kill(
        at=at,
        kind=member.kind,
        leases_of=_leases_of(service, member),
        service=service.number,
        beside=tuple(other.number for other in beside),
        below=below,
    )


def victim(members: Sequence[Member], random: Random, kinds: Mapping[str, int] = WEIGHTS) -> Member | None:
    """Choose a kind by its weight, then one of it."""
    present = sorted({member.kind for member in members} & kinds.keys())
    if not present:
        return None
    kind = random.choices(present, [kinds[kind] for kind in present])[0]
    return random.choice([member for member in members if member.kind == kind])


def kill_someone(fleet: Fleet, random: Random, *, least_whole: int) -> Kill | None:
    """Kill a process of a whole service while at least `least_whole` services are; None when there are fewer."""
    whole = [service for service in fleet.services if service.is_wanted and service.is_whole()]
    if len(whole) < least_whole:
        return None
    service = random.choice(whole)
    chosen = victim(service.members(), random)
    others = [other for other in whole if other is not service]
    return kill(service, chosen, beside=others) if chosen else None


def left_over(kills: Sequence[Kill], fleet: Fleet) -> list[psutil.Process]:
    """Return what once hung below a killed process, still lives, and belongs to no service."""
    own = {(member.process.pid, member.process.create_time()) for member in fleet.members()}
    below = {process for kill in kills for process in kill.below if is_left(process)}
    return [process for process in below if (process.pid, process.create_time()) not in own]


def _leases_of(service: Service, member: Member) -> str:
    if member.kind == "child":
        return ""
    return f"{service.pid}:{member.queue}"


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []
