"""What is read from the database when Prometheus asks: each query with the numbers that its columns are.

All are cheap: they stand on indexes for what is open, or for a day or an hour. Labels are the program's own names
(queues, states, steps, vendors, failure codes): no user, no video, no address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.pipeline import catalogue
from apps.pipeline.failures import CATALOGUE
from apps.pipeline.models import SILENT_AFTER
from apps.pipeline.states import OPEN, TERMINAL

_TODAY = "date_trunc('day', statement_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
OTHER = "other"


@dataclass(frozen=True)
class Gauge:
    """One number as Prometheus knows it."""

    name: str
    help: str


@dataclass(frozen=True)
class Reading:
    """A query whose first column is the value of `label`, if there is one; each further column is a gauge.

    A value of the label that `known` names is zero where the query has no row; one that it does not name is "other".
    """

    sql: str
    gauges: Sequence[Gauge]
    label: str = ""
    known: Callable[[], Iterable[str]] | None = None
    parameters: Callable[[], Sequence[Any]] = tuple  # Any: what the placeholders stand for


HINTS = Reading(
    """SELECT key, count(*), coalesce(extract(epoch FROM max(statement_timestamp() - lock)), 0)
    FROM django_q_ormq WHERE lock <= statement_timestamp() GROUP BY key""",
    (
        Gauge("canvascast_hints_waiting", "Messages that no worker has taken."),
        Gauge("canvascast_hints_oldest_seconds", "Age of the oldest message that no worker has taken."),
    ),
    label="queue",
    known=lambda: settings.QUEUES,
)
"""Not asked where another broker than PostgreSQL has the hints: that one tells their number and no age."""
READINGS = (
    HINTS,
    Reading(
        """SELECT queue, count(*) FILTER (WHERE waits), count(*) FILTER (WHERE NOT waits AND state = 'RUNNING'),
            coalesce(extract(epoch FROM max(statement_timestamp() - due_at) FILTER (WHERE waits)), 0)
        FROM (SELECT *, state = 'QUEUED' AND due_at <= statement_timestamp() AS waits FROM job_steps) s
        WHERE state IN ('QUEUED', 'RUNNING') GROUP BY queue""",
        (
            Gauge("canvascast_steps_waiting", "Rows of work that could be begun."),
            Gauge("canvascast_steps_running", "Rows of work that a worker holds."),
            Gauge("canvascast_steps_oldest_seconds", "Since when the oldest of the waiting rows could be begun."),
        ),
        label="queue",
        known=lambda: settings.QUEUES,
    ),
    Reading(
        "SELECT queue, count(*) FROM worker_beats WHERE seen_at > statement_timestamp() - %s::interval GROUP BY queue",
        (Gauge("canvascast_workers", f"Worker services seen in the last {SILENT_AFTER.seconds} seconds."),),
        label="queue",
        known=lambda: settings.QUEUES,
        parameters=lambda: [SILENT_AFTER],
    ),
    Reading(
        "SELECT state, count(*) FROM jobs WHERE state IN ('QUEUED', 'RUNNING') GROUP BY state",
        (Gauge("canvascast_jobs_open", "Videos that are being made or wait for it."),),
        label="state",
        known=lambda: OPEN,
    ),
    Reading(
        f"""SELECT state, count(*) FILTER (WHERE finished_at >= {_TODAY}),
            count(*) FILTER (WHERE finished_at >= statement_timestamp() - interval '30 minutes')
        FROM jobs WHERE finished_at >= least({_TODAY}, statement_timestamp() - interval '30 minutes') GROUP BY state""",  # noqa: S608 - a constant
        (
            Gauge("canvascast_jobs_ended_today", "Videos that ended today (UTC)."),
            Gauge("canvascast_jobs_ended_half_hour", "Videos that ended in the last 30 minutes."),
        ),
        label="state",
        known=lambda: TERMINAL,
    ),
    Reading(
        """SELECT error_code, count(*) FROM jobs
        WHERE state = 'FAILED' AND finished_at >= statement_timestamp() - interval '1 hour' GROUP BY error_code""",
        (Gauge("canvascast_job_failures_hour", "Videos that failed in the last hour, by what the customer was told."),),
        label="code",
        known=lambda: CATALOGUE,
    ),
    Reading(
        """SELECT s.step, count(*),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.finished_at - a.started_at)),
            percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM a.finished_at - a.started_at))
        FROM jobs j JOIN job_steps s ON s.job_id = j.id JOIN job_step_attempts a ON a.job_step_id = s.id
        WHERE (j.state = 'RUNNING' OR j.finished_at >= statement_timestamp() - interval '1 hour')
            AND a.outcome = 'DONE' AND a.finished_at >= statement_timestamp() - interval '1 hour' GROUP BY s.step""",
        (
            Gauge("canvascast_step_starts_hour", "Starts of a step that ended well in the last hour."),
            Gauge("canvascast_step_seconds_p50", "What half of them took at most."),
            Gauge("canvascast_step_seconds_p95", "What 95 of 100 of them took at most."),
        ),
        label="step",
        known=lambda: [step.name for step in catalogue.steps()],
    ),
    Reading(
        f"""SELECT provider, count(*) FILTER (WHERE state = 'ok'), count(*) FILTER (WHERE state = 'failed'),
            count(*) FILTER (WHERE state = 'unknown')
        FROM provider_calls WHERE provider = ANY(%s) AND started_at >= {_TODAY} GROUP BY provider""",  # noqa: S608 - a constant
        (
            Gauge("canvascast_provider_answers_today", "Calls that a vendor answered today (UTC)."),
            Gauge("canvascast_provider_failures_today", "Calls that failed today (UTC)."),
            Gauge("canvascast_provider_lost_calls_today", "Calls of today (UTC) whose worker died before the answer."),
        ),
        label="vendor",
        known=lambda: settings.PROVIDER_ACCOUNTS,
        parameters=lambda: [list(settings.PROVIDER_ACCOUNTS)],
    ),
    Reading(
        f"""SELECT provider, sum(cost_micro_usd) / 1e6 FROM provider_calls
        WHERE cost_micro_usd > 0 AND started_at >= {_TODAY} GROUP BY provider""",  # noqa: S608 - a constant
        (Gauge("canvascast_provider_spend_dollars_today", "What a vendor's calls of today (UTC) cost."),),
        label="vendor",
        known=lambda: settings.PROVIDER_ACCOUNTS,
    ),
    Reading(
        "SELECT coalesce(sum(available), 0), coalesce(sum(held), 0), coalesce(sum(debt), 0) FROM wallets",
        (
            Gauge("canvascast_credits_available", "Credits that all users together can spend."),
            Gauge("canvascast_credits_reserved", "Credits that are set aside for open videos."),
            Gauge("canvascast_credits_owed", "Credits that were spent and then refunded or disputed."),
        ),
    ),
    Reading(
        f"""SELECT coalesce(sum(overrun), 0), coalesce(max(overrun), 0)
        FROM credit_ledger WHERE overrun > 0 AND created_at >= {_TODAY}""",  # noqa: S608 - a constant
        (
            Gauge(
                "canvascast_overrun_credits_today", "What videos of today (UTC) cost above their price, which we bear."
            ),
            Gauge(
                "canvascast_overrun_credits_most_today", "The most that one of them did; one credit is a minute begun."
            ),
        ),
    ),
    Reading(
        f"""SELECT coalesce(sum(o.credits), 0) FROM trial_grants g JOIN credit_lots o ON o.entry_id = g.entry_id
        WHERE g.created_at >= {_TODAY}""",  # noqa: S608 - a constant
        (Gauge("canvascast_trial_credits_today", "Welcome credits given today (UTC)."),),
    ),
    Reading(
        """SELECT count(*) FILTER (WHERE state <> 'GIVEN_UP'),
            coalesce(extract(epoch FROM max(statement_timestamp() - due_at) FILTER (WHERE state <> 'GIVEN_UP')), 0),
            count(*) FILTER (WHERE state = 'GIVEN_UP')
        FROM notifications
        WHERE (state IN ('QUEUED', 'SENDING') AND due_at <= statement_timestamp())
            OR (state = 'GIVEN_UP' AND created_at >= statement_timestamp() - interval '4 days')""",
        (
            Gauge("canvascast_mails_waiting", "Mails that could be sent."),
            Gauge("canvascast_mails_oldest_seconds", "Since when the oldest of them could be sent."),
            Gauge("canvascast_mails_given_up", "Mails about what happened in the last four days that were given up."),
        ),
    ),
    Reading(
        """SELECT count(*) FILTER (WHERE state = 'NEW'), count(*) FILTER (WHERE state = 'GIVEN_UP')
        FROM stripe_events WHERE state IN ('NEW', 'GIVEN_UP')""",
        (
            Gauge("canvascast_stripe_events_waiting", "Events of Stripe that are not handled yet."),
            Gauge("canvascast_stripe_events_given_up", "Events of Stripe that could not be handled."),
        ),
    ),
    Reading(
        """SELECT name, extract(epoch FROM statement_timestamp() - coalesce(done_at, expected_since)),
            coalesce(failed_at > coalesce(done_at, expected_since), false)::int
        FROM nights_work""",
        (
            Gauge(
                "canvascast_nights_work_age_seconds",
                "How long ago a work of the night last ended well; where it never did, since when it is expected.",
            ),
            Gauge("canvascast_nights_work_failed", "1 when it has failed since."),
        ),
        label="work",
    ),
    Reading(
        """SELECT count(*), coalesce(extract(epoch FROM max(statement_timestamp() - due_at)), 0) FROM webhook_deliveries
        WHERE state IN ('QUEUED', 'SENDING') AND due_at <= statement_timestamp()""",
        (
            Gauge("canvascast_webhooks_waiting", "Calls of users' programs that could be made."),
            Gauge("canvascast_webhooks_oldest_seconds", "Since when the oldest of them could be made."),
        ),
    ),
)
