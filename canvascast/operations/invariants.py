"""What must always be true of credits, jobs and leases, each as a query for the rows where it is not."""

from __future__ import annotations

from dataclasses import asdict, dataclass

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
class Scope:
    """Which rows are looked at: for each of these the table's name, or a subquery with its columns.

    `users` are all that have a wallet or a row in the ledger, or some of them, as one column `user_id`.
    """

    jobs: str
    entries: str
    users: str
    wallets: str
    lots: str


@dataclass(frozen=True)
class Rule:
    """`wrong` holds for a row that breaks it, `text` says how."""

    wrong: str
    text: str


@dataclass(frozen=True)
class Invariant:
    """Rules about the same rows: `rows` selects an `id` and facts, and names what the scope gives it in braces."""

    name: str
    subject: str
    rows: str
    rules: tuple[Rule, ...]

    def findings(self, scope: Scope | None = None) -> list[Finding]:
        """Return what breaks a rule within the scope, everywhere by default; at most 200."""
        rows = self.rows.format(**asdict(scope or EVERYTHING))
        # However many rules there are, the rows are put together once.
        said = ", ".join(f"(CASE WHEN {rule.wrong} THEN {rule.text} END)" for rule in self.rules)
        sql = (
            f"SELECT id, said FROM ({rows}) r CROSS JOIN LATERAL (VALUES {said}) rules (said) "  # noqa: S608 - from below
            f"WHERE said IS NOT NULL LIMIT {_MOST_FINDINGS}"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return [Finding(self.name, self.subject, str(row_id), text) for row_id, text in cursor.fetchall()]


EVERYTHING = Scope(
    jobs="jobs",
    entries="credit_ledger",
    users="(SELECT user_id FROM wallets UNION SELECT user_id FROM credit_ledger)",
    wallets="wallets",
    lots="credit_lots",
)

_OPEN = "state IN ('QUEUED', 'RUNNING')"
_SINCE = "statement_timestamp() - interval '6 hours'"
_LATE_ENTRIES = f"(SELECT * FROM credit_ledger WHERE created_at >= {_SINCE})"  # noqa: S608 - constants
_LATE_USERS = f"(SELECT user_id FROM {_LATE_ENTRIES} e UNION SELECT user_id FROM jobs WHERE {_OPEN})"  # noqa: S608 - constants

LATELY = Scope(
    jobs=f"(SELECT * FROM jobs WHERE {_OPEN} UNION ALL SELECT * FROM jobs WHERE finished_at >= {_SINCE})",  # noqa: S608 - constants
    entries=_LATE_ENTRIES,
    users=_LATE_USERS,
    wallets=f"(SELECT w.* FROM {_LATE_USERS} u JOIN wallets w USING (user_id))",  # noqa: S608 - constants
    lots=f"(SELECT o.* FROM {_LATE_USERS} u JOIN credit_lots o USING (user_id))",  # noqa: S608 - constants
)
"""Open jobs, those that ended in the last six hours, the ledger's rows of that time, and whose these are.

Each is found by an index, so that it costs what happened lately and not what ever happened.
"""

_JOBS = """
    SELECT j.id, j.state, j.reserved, j.cost, l.held, l.reservations, l.settlements, l.charged
    FROM {jobs} j CROSS JOIN LATERAL (
        SELECT coalesce(sum(d_held) FILTER (WHERE kind = 'RESERVE' AND user_id = j.user_id), 0) AS held,
            count(*) FILTER (WHERE kind = 'RESERVE') AS reservations,
            count(*) FILTER (WHERE kind IN ('FINALIZE', 'RELEASE')) AS settlements,
            coalesce(sum(d_external) FILTER (WHERE kind IN ('FINALIZE', 'RELEASE')), 0) AS charged
        FROM credit_ledger WHERE job_id = j.id
    ) l"""

_ROWS_OF_JOBS = """
    SELECT l.id, l.kind, l.d_held, l.job_id, j.id AS found
    FROM {entries} l LEFT JOIN jobs j ON j.id = l.job_id WHERE l.job_id IS NOT NULL"""

_ROWS = "SELECT id, d_available + d_held + d_debt + d_external AS total FROM {entries} l"

_ROWS_AND_LOTS = """
    SELECT l.id, l.d_available, coalesce((SELECT sum(credits) FROM credit_lots o WHERE o.entry_id = l.id), 0)
        - coalesce((SELECT sum(credits) FROM lot_allocations a WHERE a.entry_id = l.id), 0) AS moved
    FROM {entries} l"""

_WALLETS = """
    SELECT u.user_id AS id,
        coalesce(w.available, 0) AS available, coalesce(w.held, 0) AS held, coalesce(w.debt, 0) AS debt,
        coalesce(w.last_seq, 0) AS counted, f.*
    FROM {users} u LEFT JOIN wallets w USING (user_id) CROSS JOIN LATERAL (
        SELECT coalesce(sum(d_available), 0) AS d_available, coalesce(sum(d_held), 0) AS d_held,
            coalesce(sum(d_debt), 0) AS d_debt, count(*) AS entries, coalesce(max(seq), 0) AS last_seq
        FROM credit_ledger WHERE user_id = u.user_id
    ) f"""

_LOTS = """
    SELECT o.id, o.remaining, o.credits,
        o.credits - coalesce((SELECT sum(credits) FROM lot_allocations a WHERE a.lot_id = o.id), 0) AS told
    FROM {lots} o"""

_WALLETS_AND_LOTS = """
    SELECT w.user_id AS id, w.available,
        coalesce((SELECT sum(remaining) FROM credit_lots o WHERE o.user_id = w.user_id), 0) AS remaining
    FROM {wallets} w"""

_WALLETS_AND_JOBS = """
    SELECT w.user_id AS id, w.held, coalesce(j.reserved, 0) AS reserved
    FROM {wallets} w
    LEFT JOIN (
        SELECT user_id, sum(reserved) AS reserved FROM jobs WHERE state IN ('QUEUED', 'RUNNING') GROUP BY user_id
    ) j USING (user_id)"""

_READY_JOBS = """
    SELECT j.id, s.undone, s.steps, (SELECT count(*) FROM assets a WHERE a.job_id = j.id) AS files
    FROM {jobs} j CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state <> 'DONE') AS undone, count(*) AS steps FROM job_steps WHERE job_id = j.id
    ) s
    WHERE j.state = 'READY'"""

_RUNNING_STEPS = """
    SELECT id, step, job_id, lease_until, clock_timestamp() - lease_until AS overdue
    FROM job_steps WHERE state = 'RUNNING'"""

INVARIANTS = (
    Invariant(
        "I1",
        "job",
        _JOBS,
        (
            Rule(
                "held <> reserved OR reservations <> least(reserved, 1)",
                "format('%s with %s reserved has %s reservations, of %s credits', state, reserved, reservations, held)",
            ),
            Rule(
                "settlements <> CASE WHEN state IN ('READY', 'FAILED', 'CANCELED') THEN least(reserved, 1) ELSE 0 END",
                "format('%s with %s reserved has %s settlements', state, reserved, settlements)",
            ),
            Rule(
                "charged <> cost OR charged > reserved OR (state = 'FAILED' AND charged > 0)",
                "format('%s at a cost of %s was charged %s of %s', state, cost, charged, reserved)",
            ),
        ),
    ),
    Invariant(
        "I1",
        "ledger row",
        _ROWS_OF_JOBS,
        (
            Rule(
                "found IS NULL",
                "format('%s of %s credits is for job %s, which does not exist', kind, abs(d_held), job_id)",
            ),
        ),
    ),
    Invariant("I2", "ledger row", _ROWS, (Rule("total <> 0", "format('its columns sum to %s', total)"),)),
    Invariant(
        "I2",
        "ledger row",
        _ROWS_AND_LOTS,
        (
            Rule(
                "d_available <> moved",
                "format('it moves %s available credits, its lots %s', d_available, moved)",
            ),
        ),
    ),
    Invariant(
        "I3",
        "wallet",
        _WALLETS,
        (
            Rule(
                "available <> d_available OR held <> d_held OR debt <> -d_debt",
                "format('it has %s available, %s held, %s owed; the ledger says %s, %s, %s',"
                " available, held, debt, d_available, d_held, -d_debt)",
            ),
            Rule(
                "entries <> last_seq OR counted <> last_seq",
                "format('its %s ledger rows end at number %s; it counted %s', entries, last_seq, counted)",
            ),
        ),
    ),
    Invariant(
        "I3",
        "lot",
        _LOTS,
        (
            Rule(
                "remaining <> told",
                "format('it has %s of %s left; its allocations say %s', remaining, credits, told)",
            ),
        ),
    ),
    Invariant(
        "I3",
        "wallet",
        _WALLETS_AND_LOTS,
        (Rule("available <> remaining", "format('it has %s available; its lots have %s', available, remaining)"),),
    ),
    Invariant(
        "I4",
        "wallet",
        _WALLETS_AND_JOBS,
        (Rule("held <> reserved", "format('it holds %s; its open jobs reserved %s', held, reserved)"),),
    ),
    Invariant(
        "I5",
        "job",
        _READY_JOBS,
        (
            Rule("undone > 0", "format('READY with %s of %s steps not done', undone, steps)"),
            Rule("steps = 0 OR files = 0", "format('READY with %s steps and %s files', steps, files)"),
        ),
    ),
    Invariant(
        "I6",
        "step",
        _RUNNING_STEPS,
        (
            Rule(
                "overdue > interval '10 seconds'",
                "format('%s of job %s runs on a lease that ended at %s', step, job_id, lease_until)",
            ),
        ),
    ),
)
