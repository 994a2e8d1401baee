"""What must always be true of credits, jobs and leases, each as a query for the rows where it is not."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_MOST_FINDINGS = 200


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be: which invariant, of what, which one, and what is wrong with it."""

    invariant: str
    subject: str
    id: str
    text: str


@dataclass(frozen=True)
class Invariant:
    """A rule in SQL: `rows` selects an `id` and facts, `wrong` holds for those that break it, `text` says how."""

    name: str
    subject: str
    rows: str
    wrong: str
    text: str

    def findings(self) -> list[Finding]:
        """Return what breaks the rule, at most 200 rows of it."""
        sql = f"SELECT id, {self.text} FROM ({self.rows}) r WHERE {self.wrong} LIMIT {_MOST_FINDINGS}"  # noqa: S608 - from below
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return [Finding(self.name, self.subject, str(row_id), text) for row_id, text in cursor.fetchall()]


_IS_TERMINAL = "state IN ('READY', 'FAILED', 'CANCELED')"
_IS_SETTLEMENT = "l.kind IN ('FINALIZE', 'RELEASE')"

_JOBS = f"""
    SELECT j.id, j.state, j.reserved, j.cost,
        coalesce(sum(l.d_held) FILTER (WHERE l.kind = 'RESERVE' AND l.user_id = j.user_id), 0) AS held,
        count(*) FILTER (WHERE l.kind = 'RESERVE') AS reservations,
        count(*) FILTER (WHERE {_IS_SETTLEMENT}) AS settlements,
        coalesce(sum(l.d_external) FILTER (WHERE {_IS_SETTLEMENT}), 0) AS charged
    FROM jobs j LEFT JOIN credit_ledger l ON l.job_id = j.id GROUP BY j.id"""  # noqa: S608 - constants

_ROWS_OF_JOBS = """
    SELECT l.id, l.kind, l.d_held, l.job_id, j.id AS found
    FROM credit_ledger l LEFT JOIN jobs j ON j.id = l.job_id WHERE l.job_id IS NOT NULL"""

_ROWS = "SELECT id, d_available + d_held + d_debt + d_external AS total FROM credit_ledger"

_ROWS_AND_LOTS = """
    SELECT l.id, l.d_available, coalesce(o.credits, 0) - coalesce(a.credits, 0) AS moved
    FROM credit_ledger l
    LEFT JOIN credit_lots o ON o.entry_id = l.id
    LEFT JOIN (SELECT entry_id, sum(credits) AS credits FROM lot_allocations GROUP BY entry_id) a
        ON a.entry_id = l.id"""

_WALLETS = """
    SELECT coalesce(w.user_id, f.user_id) AS id,
        coalesce(w.available, 0) AS available, coalesce(w.held, 0) AS held, coalesce(w.debt, 0) AS debt,
        coalesce(w.last_seq, 0) AS counted, coalesce(f.d_available, 0) AS d_available, coalesce(f.d_held, 0) AS d_held,
        coalesce(f.d_debt, 0) AS d_debt, coalesce(f.entries, 0) AS entries, coalesce(f.last_seq, 0) AS last_seq
    FROM wallets w FULL JOIN (
        SELECT user_id, sum(d_available) AS d_available, sum(d_held) AS d_held, sum(d_debt) AS d_debt,
            count(*) AS entries, max(seq) AS last_seq
        FROM credit_ledger GROUP BY user_id
    ) f ON f.user_id = w.user_id"""

_LOTS = """
    SELECT o.id, o.remaining, o.credits, o.credits - coalesce(a.credits, 0) AS told
    FROM credit_lots o
    LEFT JOIN (SELECT lot_id, sum(credits) AS credits FROM lot_allocations GROUP BY lot_id) a ON a.lot_id = o.id"""

_WALLETS_AND_LOTS = """
    SELECT w.user_id AS id, w.available, coalesce(o.remaining, 0) AS remaining
    FROM wallets w
    LEFT JOIN (SELECT user_id, sum(remaining) AS remaining FROM credit_lots GROUP BY user_id) o USING (user_id)"""

_WALLETS_AND_JOBS = """
    SELECT w.user_id AS id, w.held, coalesce(j.reserved, 0) AS reserved
    FROM wallets w
    LEFT JOIN (
        SELECT user_id, sum(reserved) AS reserved FROM jobs WHERE state IN ('QUEUED', 'RUNNING') GROUP BY user_id
    ) j USING (user_id)"""

_READY_JOBS = """
    SELECT j.id, count(s.id) FILTER (WHERE s.state <> 'DONE') AS undone, count(s.id) AS steps,
        (SELECT count(*) FROM assets a WHERE a.job_id = j.id) AS files
    FROM jobs j LEFT JOIN job_steps s ON s.job_id = j.id WHERE j.state = 'READY' GROUP BY j.id"""

_RUNNING_STEPS = """
    SELECT id, step, job_id, lease_until, clock_timestamp() - lease_until AS overdue
    FROM job_steps WHERE state = 'RUNNING'"""

INVARIANTS = (
    Invariant(
        "I1",
        "job",
        _JOBS,
        "held <> reserved OR reservations <> least(reserved, 1)",
        "format('%s with %s reserved has %s reservations, of %s credits', state, reserved, reservations, held)",
    ),
    Invariant(
        "I1",
        "job",
        _JOBS,
        f"settlements <> CASE WHEN {_IS_TERMINAL} THEN least(reserved, 1) ELSE 0 END",
        "format('%s with %s reserved has %s settlements', state, reserved, settlements)",
    ),
    Invariant(
        "I1",
        "job",
        _JOBS,
        "charged <> cost OR charged > reserved OR (state = 'FAILED' AND charged > 0)",
        "format('%s at a cost of %s was charged %s of %s', state, cost, charged, reserved)",
    ),
    Invariant(
        "I1",
        "ledger row",
        _ROWS_OF_JOBS,
        "found IS NULL",
        "format('%s of %s credits is for job %s, which does not exist', kind, abs(d_held), job_id)",
    ),
    Invariant("I2", "ledger row", _ROWS, "total <> 0", "format('its columns sum to %s', total)"),
    Invariant(
        "I2",
        "ledger row",
        _ROWS_AND_LOTS,
        "d_available <> moved",
        "format('it moves %s available credits, its lots %s', d_available, moved)",
    ),
    Invariant(
        "I3",
        "wallet",
        _WALLETS,
        "available <> d_available OR held <> d_held OR debt <> -d_debt",
        "format('it has %s available, %s held, %s owed; the ledger says %s, %s, %s',"
        " available, held, debt, d_available, d_held, -d_debt)",
    ),
    Invariant(
        "I3",
        "wallet",
        _WALLETS,
        "entries <> last_seq OR counted <> last_seq",
        "format('its %s ledger rows end at number %s; it counted %s', entries, last_seq, counted)",
    ),
    Invariant(
        "I3",
        "lot",
        _LOTS,
        "remaining <> told",
        "format('it has %s of %s left; its allocations say %s', remaining, credits, told)",
    ),
    Invariant(
        "I3",
        "wallet",
        _WALLETS_AND_LOTS,
        "available <> remaining",
        "format('it has %s available; its lots have %s', available, remaining)",
    ),
    Invariant(
        "I4",
        "wallet",
        _WALLETS_AND_JOBS,
        "held <> reserved",
        "format('it holds %s; its open jobs reserved %s', held, reserved)",
    ),
    Invariant("I5", "job", _READY_JOBS, "undone > 0", "format('READY with %s of %s steps not done', undone, steps)"),
    Invariant(
        "I5",
        "job",
        _READY_JOBS,
        "steps = 0 OR files = 0",
        "format('READY with %s steps and %s files', steps, files)",
    ),
    Invariant(
        "I6",
        "step",
        _RUNNING_STEPS,
        "overdue > interval '10 seconds'",
        "format('%s of job %s runs on a lease that ended at %s', step, job_id, lease_until)",
    ),
)
