"""Migrations only add, so that the code before and the code after can run side by side for one step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader

from apps.pipeline import engine, sweep
from apps.pipeline.models import Artifact, Job, JobStep, StepAttempt, WorkerBeat
from apps.pipeline.queries import is_worker_alive
from apps.pipeline.services import services_by_queue
from apps.pipeline.supervisor import StopRequest, Supervisor
from canvascast import expansion
from canvascast.expansion import BASELINE, judged_migrations, read_baseline
from canvascast.health.checks import Migrations
from canvascast.indexes import AddIndexMeanwhile
from tests.engine.conftest import owner, start, trivial

pytestmark = pytest.mark.django_db
__all__ = ["owner", "trivial"]

ADDS = [
    operations.AddField("jobstep", "note", models.TextField(null=True)),
    operations.AddField("jobstep", "weight", models.IntegerField(db_default=1)),
    operations.AlterField("jobstep", "worker", models.CharField(max_length=160, blank=True, help_text="other words")),
    operations.CreateModel(
        "Lane",
        fields=[("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=9, unique=True))],
        options={"constraints": [models.CheckConstraint(condition=models.Q(name__gt=""), name="lane_named")]},
    ),
    operations.AddIndex("jobstep", models.Index(fields=["worker"], name="by_worker")),
    operations.RunSQL("CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS ''"),
]
TAKES = [
    operations.AddField("jobstep", "weight", models.IntegerField(default=1)),
    operations.RemoveField("jobstep", "worker"),
    operations.RenameField("jobstep", "worker", "holder"),
    operations.AlterField("jobstep", "lease_until", models.DateTimeField()),
    operations.AlterField("jobstep", "fence", models.CharField(max_length=9)),
    operations.DeleteModel("WorkerBeat"),
    operations.AlterModelTable("jobstep", "steps"),
    operations.AddConstraint("jobstep", models.UniqueConstraint(fields=["key"], name="one_key")),
    operations.AddConstraint("jobstep", models.CheckConstraint(condition=models.Q(fence__gt=0), name="fenced")),
]


def faults_of(operation: operations.base.Operation) -> list[str]:
    loader = MigrationLoader(None)
    newest = loader.graph.leaf_nodes("pipeline")[0]
    migration = Migration("9999_x", "pipeline")
    migration.dependencies, migration.operations = [newest], [operation]
    loader.disk_migrations["pipeline", "9999_x"] = migration
    loader.graph.add_node(("pipeline", "9999_x"), migration)
    loader.graph.add_dependency(migration, ("pipeline", "9999_x"), newest)
    return expansion.faults(expansion._sql(loader, migration))


@pytest.mark.parametrize("operation", ADDS, ids=lambda operation: operation.describe())
def test_what_only_adds_is_let_through(operation):
    assert faults_of(operation) == []


@pytest.mark.parametrize("operation", TAKES, ids=lambda operation: operation.describe())
def test_what_would_break_the_code_before_is_a_fault(operation):
    assert len(faults_of(operation)) == 1


@pytest.mark.django_db(transaction=True)  # indexes made meanwhile are refused in a transaction, even unmade
def test_migrations_since_the_baseline_only_add():
    labels = {"accounts", "billing", "drafts", "notifications", "operations", "pipeline"}

    judged = judged_migrations(read_baseline(BASELINE.read_text()), labels)

    assert "pipeline 0012_worker_services" in [name for name, _ in judged]
    assert [name for name, found in judged if found] == []


@pytest.mark.django_db(transaction=True)
def test_index_that_was_stopped_half_way_is_made_anew():
    made = AddIndexMeanwhile("workerbeat", models.Index(fields=["host"], name="by_host"))
    state = MigrationLoader(None).project_state(("pipeline", "0014_bounded_looks"))
    after = state.clone()
    made.state_forwards("pipeline", after)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX by_host ON worker_beats (queue)")

    try:
        with connection.schema_editor(atomic=False) as editor:
            made.database_forwards("pipeline", editor, state, after)
        with connection.cursor() as cursor:
            indexes = connection.introspection.get_constraints(cursor, "worker_beats")
        assert indexes["by_host"]["columns"] == ["host"]
    finally:
        with connection.schema_editor(atomic=False) as editor:
            made.database_backwards("pipeline", editor, after, state)


def test_baseline_names_migrations_that_exist():
    baseline = read_baseline(BASELINE.read_text())

    assert {*baseline.last.items(), *baseline.contracts} <= set(MigrationLoader(None).disk_migrations)


def test_migration_may_take_away_where_a_line_says_why():
    baseline = read_baseline("pipeline 0010_a  # old\ncontract pipeline 0012_drop: 1.4 was the last to read it\n")

    assert [baseline.judges("pipeline", name) for name in ("0009_z", "0010_a", "0011_b", "0012_drop")] == [
        *(False, False),
        *(True, False),
    ]
    assert baseline.judges("other", "0001_initial")


@pytest.mark.parametrize("line", ["contract pipeline 0012_drop", "pipeline", "pipeline 0010 0011"])
def test_line_that_says_nothing_known_is_refused(line: str):
    with pytest.raises(ValueError, match=r"^migrations-baseline\.txt has"):
        read_baseline(line)


def add_what_the_next_version_needs() -> None:
    """The tables as a version after this one may have them: more columns, none of which this code knows."""
    with connection.cursor() as cursor:
        for table in (model._meta.db_table for model in (Job, JobStep, StepAttempt, WorkerBeat, Artifact)):
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN later_note text")
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN later_rank integer NOT NULL DEFAULT 7")


def test_this_code_works_on_with_the_tables_of_the_next_version(trivial, owner):
    add_what_the_next_version_needs()
    job = start(owner, "one two")
    row = JobStep.objects.get(job=job, step="script")

    claim = engine.claim(row.pk, worker="old:1:steps/7")
    engine.renew(claim, progress=0.5, message="half")
    engine.postpone(claim, wait=-timedelta(seconds=1), counts=False, error_code="busy")
    engine.close_attempt(claim, outcome="RETRIED", cpu_seconds=0.1)
    again = engine.claim_next("steps", worker="old:1:steps/7")
    sweep.beat("old:1:steps", "steps", processes=2)
    sweep.sweep("steps")

    assert (again.row_id, again.fence) == (row.pk, 2)
    assert Job.objects.get(pk=job.pk).steps.count() == 3
    assert is_worker_alive("steps", within=timedelta(seconds=5))
    assert engine.release_service("old:1:steps") == 1


def test_worker_of_the_version_before_is_seen_by_this_one():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO worker_beats (name, queue, seen_at) VALUES ('a:1', 'steps', clock_timestamp())")

    [service] = services_by_queue(["steps"])["steps"]

    assert is_worker_alive("steps", within=timedelta(seconds=5))
    assert (service["host"], service["processes"], service["draining"]) == ("", 0, False)


@pytest.mark.slow  # migrates back and forth
@pytest.mark.django_db(transaction=True)
def test_new_worker_bears_old_tables_until_they_are_migrated(client, settings):
    settings.QUEUES = {"steps": 2}
    supervisor = Supervisor("steps", 2, StopRequest())
    supervisor.cluster._watch = object()
    call_command("migrate", "pipeline", "0010", verbosity=0)
    Migrations.forget()
    try:
        supervisor._sweep()
        answer = client.get("/ready")
        assert answer.status_code == 503
        assert answer.json()["checks"]["migrations"] is False
        assert "migrations are pending" in answer.json()["details"]["migrations"]["text"]
        assert answer.json()["services"] is None
    finally:
        call_command("migrate", "pipeline", verbosity=0)
        Migrations.forget()

    supervisor._sweep()

    assert WorkerBeat.objects.get().name == supervisor.name
