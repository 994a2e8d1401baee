"""What happens by the clock: three schedules on the quick queue, whose work is real."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from apps.billing import ledger
from apps.billing.models import Source
from apps.billing.queries import balance
from apps.drafts.models import DraftPrompt
from canvascast.operations import periodic

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_user("owner@example.com")


def test_schedules_name_functions_that_exist_and_run_on_the_quick_queue():
    schedules = Schedule.objects.order_by("name")

    assert [(row.name, row.schedule_type, row.minutes, row.cluster, row.repeats) for row in schedules] == [
        ("nightly", "D", None, "quick", -1),
        ("tidy", "I", 15, "quick", -1),
        ("watch", "I", 5, "quick", -1),
    ]
    assert [import_string(row.func) for row in schedules] == [periodic.nightly, periodic.tidy, periodic.watch]
    assert schedules[0].next_run.hour == 3
    assert settings.Q_CLUSTER["ALT_CLUSTERS"]["quick"]["scheduler"] is True
    assert settings.Q_CLUSTER["ALT_CLUSTERS"]["steps"]["scheduler"] is False


def test_due_schedule_is_queued_once_and_set_on(monkeypatch):
    monkeypatch.setattr("django_q.conf.Conf.CLUSTER_NAME", "quick")
    # The scheduler is made for a process of its own; here the connection is the test's.
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=3))

    scheduler()
    scheduler()

    assert OrmQ.objects.filter(key="quick").count() == 3
    assert not Schedule.objects.filter(next_run__lte=timezone.now()).exists()


def test_tidy_takes_away_what_has_expired_and_nothing_else(owner):
    now = timezone.now()
    for days in (-1, 1):
        end = now + timedelta(days=days)
        DraftPrompt.objects.create(prompt="Why do cats purr?", token_hash=f"t{days}", expires_at=end)
        ledger.grant(
            user_id=owner.pk,
            credits=3,
            source=Source.PLAN,
            reason="",
            key=f"lot {days}",
            expires_at=end,
            at=now - timedelta(days=2),
        )

    periodic.tidy()

    assert DraftPrompt.objects.get().expires_at > now
    assert balance(owner.pk).available == 3


def test_watch_says_what_is_broken(owner, caplog):
    ledger.grant(user_id=owner.pk, credits=3, source=Source.GIFT, reason="", key="gift", at=timezone.now())
    periodic.watch()
    assert "invariant_broken" not in caplog.text

    _tamper(owner)
    periodic.watch()

    assert str(owner.pk) in caplog.text
    assert "invariant_broken" in caplog.text


def _tamper(owner):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE wallets SET available = available + 1 WHERE user_id = %s", [owner.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
