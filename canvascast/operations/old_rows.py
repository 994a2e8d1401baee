"""Rows that would grow for ever, and how long each kind is of use; docs/production.md has the reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django_q.models import Task

from apps.billing.models import StripeEvent
from apps.billing.models.payments import EventState
from apps.billing.payments.copies import old_copies
from apps.notifications.mail_log import old_code_news
from apps.pipeline.models import StepAttempt, WorkerBeat
from canvascast import life_signs
from canvascast.funnel.actions import delete_old as delete_old_facts
from canvascast.funnel.queries import old_facts
from canvascast.operations.unconfirmed import delete_accounts, unconfirmed_accounts

_AT_ONCE = 500


@dataclass(frozen=True)
class OldRows:
    """`find` returns the rows that have had their time; `take_away` a number of them, those there are if fewer."""

    kind: str
    find: Callable[[datetime], QuerySet]  # type: ignore[type-arg]  # of any model
    take_away: Callable[[QuerySet], int]  # type: ignore[type-arg]  # of any model


def take_away_old_rows(rows: OldRows, *, at: datetime) -> int:
    """Take them all away, a bounded number in each transaction; return how many."""
    total = 0
    while number := rows.take_away(rows.find(at)):
        total += number
        life_signs.show()
    return total


def _delete(found: QuerySet) -> int:  # type: ignore[type-arg]  # of any model
    old = list(found.values_list("pk", flat=True)[:_AT_ONCE])
    found.model._default_manager.filter(pk__in=old).delete()
    return len(old)


def _blank_details(found: QuerySet[StepAttempt]) -> int:
    old = list(found.values_list("pk", flat=True)[:_AT_ONCE])
    return StepAttempt.objects.filter(pk__in=old).update(detail="")


def _older(model: type, column: str, days: int) -> Callable[[datetime], QuerySet]:  # type: ignore[type-arg]  # of any model
    return lambda at: model._default_manager.filter(**{f"{column}__lt": at - timedelta(days=days)})  # type: ignore[attr-defined]  # a model


def _old_details(at: datetime) -> QuerySet[StepAttempt]:
    return StepAttempt.objects.filter(finished_at__lt=at - timedelta(days=90)).exclude(detail="")


def _old_events(at: datetime) -> QuerySet[StripeEvent]:
    return StripeEvent.objects.filter(received_at__lt=at - timedelta(days=90)).exclude(state=EventState.NEW)


OLD_ROWS = (
    OldRows("outcomes of tasks", _older(Task, "stopped", 30), _delete),
    OldRows("worker beats", _older(WorkerBeat, "seen_at", 7), _delete),
    OldRows("details of attempts", _old_details, _blank_details),
    OldRows("events of Stripe", _old_events, _delete),
    OldRows("dj-stripe's events", old_copies, _delete),
    OldRows("accounts never confirmed", unconfirmed_accounts, delete_accounts),
    OldRows("news about code mails", old_code_news, _delete),
    OldRows("facts of the funnel", lambda at: old_facts(), lambda found: delete_old_facts()),
)


def expired_cache_rows(*, dry_run: bool) -> int:
    """Count, or take away, what the shared cache no longer answers with: counters of limits, mostly."""
    verb = "SELECT count(*)" if dry_run else "DELETE"
    with connection.cursor() as cursor:
        cursor.execute(f"{verb} FROM shared_cache WHERE expires < now()")
        return int(cursor.fetchone()[0] if dry_run else cursor.rowcount)
