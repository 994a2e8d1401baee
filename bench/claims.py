"""`python -m bench.claims`: what the claim of the next row costs when very many are ready, and how it is planned."""

from __future__ import annotations

import argparse
import sys
import time
from statistics import quantiles

from bench.site import customer, temporary_site

USERS = 1000
_JOBS = """
    INSERT INTO jobs (id, project_id, user_id, brief, state, step, progress, status_message, failed_step, error_code,
        error_message, price, reserved, cost, changed_scenes, request_digest, turn, created_at)
    SELECT gen_random_uuid(), (SELECT id FROM projects), users.id, '{}', 'QUEUED', '', 0, '', '', '', '', 0, 0, 0, 0,
        '', n / %(users)s, now() + n * interval '1 ms'
    FROM generate_series(1, %(rows)s) n
    JOIN (SELECT id, row_number() OVER () AS number FROM accounts_user) users ON users.number = 1 + n %% %(users)s"""
_ROWS = """
    INSERT INTO job_steps (job_id, step, part, ordinal, queue, state, fence, attempt, max_attempts, due_at, worker, key,
        reused, progress, message, error_code, turn, created_at)
    SELECT id, 'script', '', 9999, 'steps', 'QUEUED', 0, 0, 3, now(), '', '', false, 0, '', '', turn, created_at
    FROM jobs"""


def main() -> int:
    """Print milliseconds a claim and the plan of its choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--claims", type=int, default=1000)
    options = parser.parse_args()
    with temporary_site():
        _fill(options.rows)
        _print_plan()
        milliseconds = [_claim() for _ in range(options.claims)]
    cuts = quantiles(milliseconds, n=100)
    print(
        f"claims: {options.claims} of {options.rows} ready rows of {USERS} users: p50 {cuts[49]:.2f} ms, "
        f"p95 {cuts[94]:.2f} ms, p99 {cuts[98]:.2f} ms, most {max(milliseconds):.1f} ms"
    )
    return 0


def _fill(rows: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from apps.accounts.models import User
    from apps.pipeline.models import Project

    owner = customer("first@example.com", credits=1)
    User.objects.bulk_create(User(email=f"user{number}@example.com", password="") for number in range(1, USERS))
    Project.objects.create(user=owner, created_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, {"users": USERS, "rows": rows})
        cursor.execute(_ROWS)
        cursor.execute("ANALYZE jobs, job_steps")


def _print_plan() -> None:
    from django.db import connection

    from apps.pipeline import engine

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {engine.NEXT_ROW}", {"queue": "steps"})
        print("\n".join(line for (line,) in cursor.fetchall()))


def _claim() -> float:
    from apps.pipeline import engine

    began = time.perf_counter()
    claimed = engine.claim_next("steps", worker="bench")
    assert claimed is not None
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
