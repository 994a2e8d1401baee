"""`python -m bench.years`: what runs by the clock costs when very many videos were made: the checks and the gauges."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial

from bench.site import temporary_site

# Rows as years of work leave them. Nothing in them is asked but what the checks and the gauges compare.
USERS_PER_VIDEO = 1 / 40
_FILL = (
    # No trigger, and no key to look up: the rows agree by themselves, as the whole check then proves.
    "SET session_replication_role = replica",
    """INSERT INTO accounts_user (id, email, password, is_superuser, is_staff, is_active, created_at)
    SELECT md5('user' || n)::uuid, 'user' || n || '@example.com', '', false, false, true, now()
    FROM generate_series(0, %(users)s - 1) n""",
    """INSERT INTO projects (id, user_id, title, created_at)
    SELECT md5('user' || n)::uuid, md5('user' || n)::uuid, '', now() FROM generate_series(0, %(users)s - 1) n""",
    """INSERT INTO jobs (id, project_id, user_id, brief, state, step, progress, status_message, failed_step, error_code,
        error_message, price, reserved, cost, changed_scenes, request_digest, turn, created_at, finished_at)
    SELECT md5('job' || n)::uuid, md5('user' || n %% %(users)s)::uuid, md5('user' || n %% %(users)s)::uuid,
        jsonb_build_object('prompt', repeat('Why do cats purr? ', 10)), 'READY', '', 100, '', '', '', '', 4, 4, 3, 0,
        '', n, made_at, made_at
    FROM generate_series(0, %(videos)s - 1) n, LATERAL (SELECT now() - n * %(every)s::interval AS made_at) m""",
    """INSERT INTO job_steps (job_id, step, part, ordinal, queue, state, fence, attempt, max_attempts, due_at, worker,
        key, artifact_id, reused, progress, message, error_code, turn, created_at)
    SELECT id, 'step', s, s, 'steps', 'DONE', 1, 1, 3, created_at, '', '', gen_random_uuid(), false, 1, '', '', turn,
        created_at
    FROM jobs, generate_series(1, 10) s""",
    """INSERT INTO assets (id, job_id, kind, filename, storage_name, sha256, size_bytes, created_at)
    SELECT gen_random_uuid(), id, 'video', n, '', '', 1, created_at FROM jobs, generate_series(1, 5) n""",
    """INSERT INTO provider_calls (job_step_id, fence, capability, provider, method, idempotency_key, state, model,
        units, cost_micro_usd, error_code, span_id, started_at, finished_at)
    SELECT id, 1, 'painter', CASE WHEN ordinal < 3 THEN 'openai' ELSE 'gemini' END, 'draw', md5(id::text), 'ok', '', 1,
        40000, '', '', created_at, created_at + interval '5 s'
    FROM job_steps WHERE ordinal <= 5""",
    """INSERT INTO job_step_attempts (job_step_id, fence, span_id, worker, started_at, finished_at, outcome, error_code,
        detail, cpu_seconds)
    SELECT id, 1, '', 'worker', created_at - interval '5 s', created_at, 'DONE', '', '', 1 FROM job_steps""",
    """INSERT INTO credit_ledger (id, user_id, seq, kind, d_available, d_held, d_debt, d_external, overrun, job_id,
        title, reason, idempotency_key, created_at)
    SELECT md5('grant' || n)::uuid, md5('user' || n)::uuid, 1, 'GRANT', 1000, 0, 0, -1000, 0, NULL, '', '',
        'grant' || n, now() - interval '2 years'
    FROM generate_series(0, %(users)s - 1) n
    UNION ALL
    SELECT md5('held' || n)::uuid, md5('user' || n %% %(users)s)::uuid, 2 + n / %(users)s * 2, 'RESERVE', -4, 4, 0, 0,
        0, md5('job' || n)::uuid, '', '', 'held' || n, now() - n * %(every)s::interval - interval '1 min'
    FROM generate_series(0, %(videos)s - 1) n
    UNION ALL
    SELECT md5('used' || n)::uuid, md5('user' || n %% %(users)s)::uuid, 3 + n / %(users)s * 2, 'FINALIZE', 1, -4, 0, 3,
        0, md5('job' || n)::uuid, '', '', 'used' || n, now() - n * %(every)s::interval
    FROM generate_series(0, %(videos)s - 1) n""",
    """INSERT INTO wallets (user_id, available, held, debt, last_seq)
    SELECT user_id, sum(d_available), sum(d_held), 0, max(seq) FROM credit_ledger GROUP BY user_id""",
    """INSERT INTO credit_lots (id, user_id, entry_id, source, credits, remaining, created_at)
    SELECT md5('grant' || n)::uuid, user_id, md5('grant' || n)::uuid, 'pack', 1000, available, now()
    FROM generate_series(0, %(users)s - 1) n JOIN wallets ON user_id = md5('user' || n)::uuid""",
    """INSERT INTO lot_allocations (entry_id, lot_id, credits)
    SELECT l.id, o.id, -l.d_available FROM credit_ledger l JOIN credit_lots o USING (user_id) WHERE kind <> 'GRANT'""",
    """INSERT INTO notifications (id, user_id, event, key, facts, created_at, state, reason, tries, doubtful_tries,
        sent_at)
    SELECT gen_random_uuid(), user_id, 'video_ready', id, '{}', created_at, 'SENT', '', 1, 0, created_at FROM jobs""",
    """INSERT INTO stripe_events (id, type, customer_id, payload, received_at, state, tries, reason, copy_tries,
        copied_at)
    SELECT 'evt_' || n, 'invoice.paid', '', '{}', now() - n * interval '1 min', 'DONE', 1, '', 1, now()
    FROM generate_series(1, %(videos)s / 4) n""",
    "SET session_replication_role = origin",
)


def main() -> int:
    """Print what each costs, the slowest of three times after the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=200_000)
    options = parser.parse_args()
    with temporary_site():
        fill(options.videos)
        print(f"{options.videos} videos, 10 steps, 5 files and 5 calls each")
        for name, work in _works().items():
            print(f"{name}: {max(_milliseconds(work) for _ in range(3)):.1f} ms")
    return 0


def fill(videos: int, *, every: str = "150 s") -> None:
    """Leave the rows of so many finished videos, the last made now and one each `every` before."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"videos": videos, "users": int(videos * USERS_PER_VIDEO), "every": every})
        cursor.execute("ANALYZE")


def _works() -> dict[str, Callable[[], object]]:
    from django.utils import timezone

    from apps.pipeline import gate
    from canvascast.metrics import collector
    from canvascast.operations.reconcile import reconcile, reconcile_lately

    return {
        "the check of every five minutes": lambda: _none(reconcile_lately()),
        "the whole check": lambda: _none(reconcile(files=False)),
        "all gauges": lambda: list(collector.Business().collect()),
        "a look at a vendor": partial(gate.closed_until, "openai", timezone.now()),
    }


def _none(findings: list[object]) -> None:
    assert findings == [], findings[:3]


def _milliseconds(work: Callable[[], object]) -> float:
    from canvascast.metrics import collector

    work()
    collector.forget()
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
