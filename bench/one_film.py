"""`python -m bench.one_film`: what one film costs besides time: CPU, database writes, hints, bytes in storage.

Counted while a worker service with nothing else to do makes a film of a minute; what the idle service does in the same
time (sweeps, heartbeats) is counted before and told apart. Prints one JSON object; docs/scaling.md reckons with it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.site import customer, order, temporary_site, working

_COUNTS = """
    SELECT xact_commit, tup_inserted + tup_updated + tup_deleted, pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
        (SELECT coalesce(max(last_value), 0) FROM pg_sequences WHERE sequencename = 'django_q_ormq_id_seq')
    FROM pg_stat_database WHERE datname = current_database()"""
_NAMES = ("commits", "rows_written", "wal_bytes", "hints")
_IDLE_SECONDS = 20.0


def main() -> int:
    """Measure and print; 1 when the film was not made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most-seconds", type=float, default=1500.0)
    options = parser.parse_args()
    with temporary_site() as folder:
        user = customer("someone@example.com", credits=10)
        with working():
            _wait_until(lambda: _beats() == 2, 120)
            idle = _idle_rates()
            before, began = _counts(), time.monotonic()
            job = order(user, "Why do cats purr?")
            most_connections = _wait_until(lambda: _has_ended(job.pk), options.most_seconds)
            seconds = time.monotonic() - began
            time.sleep(2.0)
            counted = {name: after - earlier for name, after, earlier in zip(_NAMES, _counts(), before, strict=True)}
        figures = {**counted, "seconds": round(seconds, 1), "connections": most_connections}
        figures |= {f"idle_{name}_a_second": rate for name, rate in idle.items()}
        print(json.dumps(figures | _of_job(job.pk) | _stored(folder / "var" / "storage")))
    return 0


def _counts() -> tuple[int, ...]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(_COUNTS)
        return tuple(int(value) for value in cursor.fetchone())


def _idle_rates() -> dict[str, float]:
    before = _counts()
    time.sleep(_IDLE_SECONDS)
    return {
        name: round((after - earlier) / _IDLE_SECONDS, 2)
        for name, after, earlier in zip(_NAMES, _counts(), before, strict=True)
    }


def _beats() -> int:
    from apps.pipeline.models import WorkerBeat

    return WorkerBeat.objects.count()


def _has_ended(job_id: object) -> bool:
    from apps.pipeline.models import Job

    return Job.objects.get(pk=job_id).is_finished


def _wait_until(holds: Callable[[], bool], seconds: float) -> int:
    """Wait for it; return the largest number of connections seen meanwhile, this process's own not counted."""
    from django.db import connection

    most, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()")
            most = max(most, cursor.fetchone()[0])
        if holds():
            return most
        time.sleep(0.5)
    raise TimeoutError(f"not within {seconds:g} s")


def _of_job(job_id: object) -> dict[str, float | int | str]:
    from django.db.models import Sum

    from apps.pipeline.models import Asset, Job, JobStep, StepAttempt

    attempts = StepAttempt.objects.filter(job_step__job=job_id)
    by_step = attempts.values("job_step__step").annotate(cpu=Sum("cpu_seconds")).order_by("job_step__step")
    return {
        "state": Job.objects.get(pk=job_id).state,
        "rows": JobStep.objects.filter(job=job_id).count(),
        "cpu_seconds": round(attempts.aggregate(cpu=Sum("cpu_seconds"))["cpu"] or 0.0, 1),
        **{f"cpu_seconds_{each['job_step__step']}": round(each["cpu"], 1) for each in by_step},
        "delivered_bytes": Asset.objects.filter(job=job_id).aggregate(sum=Sum("size_bytes"))["sum"] or 0,
    }


def _stored(folder: Path) -> dict[str, int]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {"stored_files": len(files), "stored_bytes": sum(path.stat().st_size for path in files)}


if __name__ == "__main__":
    sys.exit(main())
