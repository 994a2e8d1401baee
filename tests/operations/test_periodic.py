"""What happens by the clock: schedules on the quick queue, whose work is real."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock, patch

import psycopg
import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from apps.billing import ledger
from apps.billing.models import Source
from apps.billing.payments.gateway import PaymentsUnavailable
from apps.billing.payments.reconciling import Report
from apps.billing.queries import balance
from apps.drafts.models import DraftPrompt
from canvascast.metrics.watched import last_watches, remember_watch
from canvascast.operations import periodic
from canvascast.operations.invariants import Invariant, Rule
from canvascast.operations.models import NightsWork, Work
from canvascast.storages import StorageUnavailable
from tests.workers import test_database_url

pytestmark = pytest.mark.django_db
THREE = datetime(2026, 11, 29, 3, tzinfo=UTC)


class Killed(BaseException):
    pass


_ENDS = (Killed, StorageUnavailable)


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_user("owner@example.com")


def test_schedules_name_functions_that_exist_and_run_on_the_quick_queue():
    schedules = Schedule.objects.order_by("name")

    assert [(row.name, row.schedule_type, row.minutes, row.cluster, row.repeats) for row in schedules] == [
        ("nightly", "D", None, "quick", -1),
        ("prune", "I", 30, "quick", -1),
        ("reconcile payments", "I", 30, "quick", -1),
        ("tidy", "I", 15, "quick", -1),
        ("watch", "I", 5, "quick", -1),
        ("watch everything", "I", 30, "quick", -1),
    ]
    by_day = [periodic.tidy, periodic.watch]
    by_night = [periodic.nightly, periodic.prune_storages, periodic.reconcile_payments]
    functions = [*by_night, *by_day, periodic.watch_everything]
    assert [import_string(row.func) for row in schedules] == functions
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

    assert OrmQ.objects.filter(key="quick").count() == 6
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


def pruned_at(moment: datetime, outcome: BaseException | None = None) -> int:
    """Let the clock ask for the pruning at that moment; return how often it is begun."""
    prune = Mock(side_effect=outcome, return_value=[])
    with time_machine.travel(moment, tick=False), patch.object(periodic, "prune", prune), suppress(*_ENDS):
        periodic.prune_storages()
    return prune.call_count


def test_nights_work_is_done_once_a_night_and_begins_with_its_hour():
    moments = [THREE - timedelta(minutes=1), *(THREE + timedelta(minutes=30 * step) for step in range(49))]

    begun = [pruned_at(moment) for moment in moments]

    assert begun == [1, 1, *[0] * 47, 1]


def test_payments_are_reconciled_once_a_night_whether_or_not_it_was_pruned(monkeypatch):
    reconcile = Mock()
    monkeypatch.setattr(periodic.reconciling, "run_nightly", reconcile)

    for moment in (THREE, THREE + timedelta(hours=1), THREE + timedelta(days=1)):
        pruned_at(moment)
        with time_machine.travel(moment, tick=False):
            periodic.reconcile_payments()

    assert reconcile.call_count == 2


@pytest.mark.parametrize("end", [Killed(), StorageUnavailable()])
def test_nights_work_that_was_ended_is_begun_again_and_then_done(end):
    begun = [pruned_at(THREE, end), pruned_at(THREE + timedelta(minutes=30)), pruned_at(THREE + timedelta(hours=1))]

    assert begun == [1, 1, 0]


def test_nights_work_that_ends_its_process_each_time_is_left_until_the_next_night(caplog):
    moments = [THREE + timedelta(minutes=30 * step) for step in range(10)]

    begun = [pruned_at(moment, Killed()) for moment in moments]

    assert begun == [1] * 6 + [0] * 4
    assert caplog.text.count("nights_work_keeps_failing") == 1
    assert pruned_at(THREE + timedelta(days=1)) == 1


def test_one_host_at_a_time_does_nights_work_whatever_it_is(transactional_db):
    lock = "hashtextextended('nights_work', 0)"
    with psycopg.connect(test_database_url()) as other:
        other.execute(f"SELECT pg_advisory_lock({lock})")

        assert pruned_at(THREE) == 0
        other.execute(f"SELECT pg_advisory_unlock({lock})")

    assert pruned_at(THREE + timedelta(minutes=30)) == 1


@pytest.mark.parametrize("work", [periodic.tidy, periodic.nightly, periodic.watch], ids=lambda work: work.__name__)
def test_work_that_still_goes_on_is_not_begun_beside_itself(work, transactional_db, caplog):
    lock = f"hashtextextended('periodic:{work.__name__}', 0)"
    with psycopg.connect(test_database_url(), autocommit=True) as other:
        other.execute(f"SELECT pg_advisory_lock({lock})")
        with CaptureQueriesContext(connection) as asked:
            work()
        other.execute(f"SELECT pg_advisory_unlock({lock})")
        assert len(asked) == 1
        assert "periodic_still_runs" in caplog.text

        work()

        held = other.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert held == (0,)
    assert caplog.text.count("periodic_still_runs") == 1


def dates_of(work: Work) -> tuple[datetime | None, datetime | None]:
    return NightsWork.objects.values_list("done_at", "failed_at").get(pk=work)


def test_nights_work_leaves_a_date_when_it_fails_and_when_it_is_done():
    NightsWork.objects.update_or_create(name=Work.PRUNE, defaults={"done_at": None, "failed_at": None})
    later = THREE + timedelta(minutes=30)

    pruned_at(THREE, StorageUnavailable())
    failed = dates_of(Work.PRUNE)
    pruned_at(later)

    assert failed == (None, THREE)
    assert dates_of(Work.PRUNE) == (later, THREE)


def test_payments_are_due_again_where_stripe_did_not_answer(settings, monkeypatch):
    settings.PAYMENTS_ENABLED = True
    answers = Mock(side_effect=[PaymentsUnavailable("timeout"), Report(0, 0, 0, ())])
    monkeypatch.setattr(periodic.reconciling, "reconcile_with_stripe", answers)

    for moment in (THREE, THREE + timedelta(minutes=30), THREE + timedelta(hours=1)):
        with time_machine.travel(moment, tick=False), suppress(PaymentsUnavailable):
            periodic.reconcile_payments()

    assert answers.call_count == 2
    assert dates_of(Work.RECONCILE_PAYMENTS) == (THREE + timedelta(minutes=30), THREE)


def test_watch_says_what_is_broken(owner, caplog):
    ledger.grant(user_id=owner.pk, credits=3, source=Source.GIFT, reason="", key="gift", at=timezone.now())
    periodic.watch()
    assert "invariant_broken" not in caplog.text

    _tamper(owner)
    periodic.watch()

    assert str(owner.pk) in caplog.text
    assert "invariant_broken" in caplog.text


def test_what_broke_long_ago_is_found_at_night_and_stays_told(owner, caplog):
    long_ago = timezone.now() - timedelta(days=1)
    ledger.grant(user_id=owner.pk, credits=3, source=Source.GIFT, reason="", key="gift", at=long_ago)
    _tamper(owner)

    periodic.watch_everything()
    assert caplog.text.count("invariant_broken") == 2
    periodic.watch_everything()
    periodic.watch()

    assert caplog.text.count("invariant_broken") == 2
    found = {check: watched.findings for check, watched in last_watches().items()}
    assert found == {"lately": 0, "everything": 2}


def test_night_s_finding_ends_when_somebody_looks_again_and_all_agrees(owner):
    remember_watch(findings=2, at=timezone.now(), check="everything")

    call_command("reconcile", stdout=io.StringIO())

    assert last_watches()["everything"].findings == 0


def test_check_that_takes_too_long_is_ended_and_its_outcome_not_remembered(owner, monkeypatch):
    slow = Invariant("I0", "nothing", "SELECT pg_sleep(5)::text AS id", (Rule("id = 'x'", "''"),))
    monkeypatch.setattr("canvascast.operations.reconcile.INVARIANTS", (slow,))
    monkeypatch.setattr(periodic, "_LONGEST_QUERY_SECONDS", 0.05)

    with pytest.raises(OperationalError, match="timeout"), transaction.atomic():
        periodic.watch_everything()

    assert last_watches() == {}


def _tamper(owner):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE wallets SET available = available + 1 WHERE user_id = %s", [owner.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
