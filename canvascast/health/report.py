"""All checks at once, on threads that outlive the request when something hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from asgiref.sync import async_to_sync
from health_check.base import HealthCheck, HealthCheckResult

from canvascast.health.checks import Database, Disk, Migrations, Queue, Storage

CHECKS: Mapping[str, type[HealthCheck]] = {
    "database": Database,
    "migrations": Migrations,
    "storage": Storage,
    "queue": Queue,
    "disk": Disk,
}
# A check that hangs keeps its thread; when all do, the next ones time out waiting, and the answer is still no.
_THREADS = ThreadPoolExecutor(max_workers=3 * len(CHECKS), thread_name_prefix="health")


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: `text` is for staff."""

    ok: bool
    text: str
    milliseconds: int


def check_all() -> dict[str, Finding]:
    """Return what each check found; takes five seconds at most."""
    results = async_to_sync(_results)()
    return {name: _finding(result) for name, result in zip(CHECKS, results, strict=True)}


async def _results() -> list[HealthCheckResult]:
    return list(await asyncio.gather(*(check().get_result(_THREADS) for check in CHECKS.values())))


def _finding(result: HealthCheckResult) -> Finding:
    ok = result.error is None
    return Finding(ok, result.check.pretty_status() if ok else str(result.error), round(result.time_taken * 1000))
