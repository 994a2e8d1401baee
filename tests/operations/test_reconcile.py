"""Every difference between ledger, wallets, lots, jobs and files is found and named."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import CreditLot, Kind, LedgerEntry
from apps.pipeline.models import Asset, Job, JobStep
from apps.pipeline.states import JobState, StepState
from canvascast.operations import delivered_files
from canvascast.operations.models import NightsWork, Work
from canvascast.operations.reconcile import reconcile, reconcile_lately
from canvascast.storages import DurableStorage
from tests.billing.moves import NOW, give, hold
from tests.operations.conftest import job_of, make, triggers_off

pytestmark = pytest.mark.django_db


def found(**options: bool) -> list[tuple[str, str, str, str]]:
    return [(one.invariant, one.subject, one.id, one.text) for one in reconcile(**options)]


def made_video(owner: User) -> Job:
    """A job that reserved 4 credits and used 3."""
    give(owner, 10)
    job = job_of(owner, JobState.QUEUED, reserved=4)
    hold(owner, 4, job_id=job.pk)
    ledger.finalize(job_id=job.pk, credits=3, at=NOW)
    make(job)
    Job.objects.filter(pk=job.pk).update(state=JobState.READY, cost=3, finished_at=NOW)
    return job


def change(sql: str) -> None:
    # Checks that wait for the commit would find the change too.
    connection.check_constraints()
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute(sql)


def broken_video(owner: User, sql: str, *, at: datetime) -> None:
    """A video that ended at that moment and broke since."""
    give(owner, 10, at=at)
    job = job_of(owner, JobState.READY, reserved=4, cost=3)
    hold(owner, 4, job_id=job.pk, at=at)
    ledger.finalize(job_id=job.pk, credits=3, at=at)
    change(f"UPDATE jobs SET finished_at = '{at.isoformat()}'")
    change(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE wallets SET available = available + 1",
        "UPDATE wallets SET last_seq = 4",
        "DELETE FROM wallets",
        "UPDATE credit_lots SET remaining = remaining + 1",
        "UPDATE credit_ledger SET d_available = d_available + 1, d_external = d_external - 1 WHERE seq = 1",
        "DELETE FROM credit_ledger WHERE seq = 2",
        "UPDATE jobs SET cost = 2",
        "UPDATE job_steps SET state = 'QUEUED'",
        "DELETE FROM job_steps",
        "DELETE FROM assets",
        "UPDATE jobs SET id = gen_random_uuid()",
    ],
)
def test_what_breaks_within_hours_is_found_by_the_look_at_the_last_hours_alike(owner: User, sql: str):
    broken_video(owner, sql, at=timezone.now() - timedelta(hours=5))

    late = reconcile_lately()

    assert late
    assert set(late) == set(reconcile(files=False))


def test_what_ended_before_is_left_to_the_look_at_everything(owner: User):
    broken_video(owner, "UPDATE jobs SET cost = 2", at=timezone.now() - timedelta(hours=7))

    assert reconcile_lately() == []
    assert [one.invariant for one in reconcile(files=False)] == ["I1"]


def test_open_job_is_looked_at_however_old_it_is(owner: User):
    give(owner, 10)
    job = job_of(owner, JobState.RUNNING, reserved=4)
    JobStep.objects.create(job=job, step="render", ordinal=1, state=StepState.RUNNING, lease_until=NOW)

    assert [one.invariant for one in reconcile_lately()] == ["I1", "I4", "I6"]


def test_everything_in_order_finds_nothing(owner: User):
    made_video(owner)
    running = job_of(owner, JobState.RUNNING, reserved=2)
    hold(owner, 2, job_id=running.pk)
    failed = job_of(owner, JobState.FAILED, reserved=1)
    hold(owner, 1, job_id=failed.pk)
    ledger.release(job_id=failed.pk, at=NOW)
    job_of(owner, JobState.READY)

    assert found() == []
    assert reconcile_lately() == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE wallets SET available = available + 1", "it has 8 available, 0 held, 0 owed; the ledger says 7, 0, 0"),
        ("UPDATE wallets SET held = 1", "it has 7 available, 1 held, 0 owed; the ledger says 7, 0, 0"),
        ("UPDATE wallets SET debt = 1, available = 0", "it has 0 available, 0 held, 1 owed; the ledger says 7, 0, 0"),
        ("UPDATE wallets SET last_seq = 4", "its 3 ledger rows end at number 3; it counted 4"),
        ("DELETE FROM wallets", "it has 0 available, 0 held, 0 owed; the ledger says 7, 0, 0"),
        ("DELETE FROM credit_ledger WHERE seq = 2", "its 2 ledger rows end at number 3; it counted 3"),
    ],
)
def test_wallet_that_differs_by_one_credit_is_found(owner: User, sql: str, said: str):
    made_video(owner)

    change(sql)

    assert ("I3", "wallet", str(owner.pk), said) in found()


def test_row_that_differs_from_its_lots_is_found(owner: User):
    made_video(owner)

    change("UPDATE credit_ledger SET d_available = d_available + 1, d_external = d_external - 1 WHERE seq = 1")

    row = LedgerEntry.objects.get(seq=1)
    assert ("I2", "ledger row", str(row.pk), "it moves 11 available credits, its lots 10") in found()


def test_lot_that_differs_from_its_allocations_is_found(owner: User):
    made_video(owner)

    change("UPDATE credit_lots SET remaining = remaining + 1")

    assert found() == [
        ("I3", "lot", str(CreditLot.objects.get().pk), "it has 8 of 10 left; its allocations say 7"),
        ("I3", "wallet", str(owner.pk), "it has 7 available; its lots have 8"),
    ]


def test_open_job_without_a_reservation_is_found(owner: User):
    give(owner, 10)
    job = job_of(owner, JobState.QUEUED, reserved=4)

    assert found() == [
        ("I1", "job", str(job.pk), "QUEUED with 4 reserved has 0 reservations, of 0 credits"),
        ("I4", "wallet", str(owner.pk), "it holds 0; its open jobs reserved 4"),
    ]


def test_finished_job_that_is_not_settled_is_found(owner: User):
    give(owner, 10)
    job = job_of(owner, JobState.FAILED, reserved=4)
    hold(owner, 4, job_id=job.pk)

    assert found() == [
        ("I1", "job", str(job.pk), "FAILED with 4 reserved has 0 settlements"),
        ("I4", "wallet", str(owner.pk), "it holds 4; its open jobs reserved 0"),
    ]


def test_open_job_that_is_settled_is_found(owner: User):
    give(owner, 10)
    job = job_of(owner, JobState.RUNNING, reserved=4)
    hold(owner, 4, job_id=job.pk)
    ledger.release(job_id=job.pk, at=NOW)

    assert ("I1", "job", str(job.pk), "RUNNING with 4 reserved has 1 settlements") in found()


def test_cost_that_differs_from_the_charge_is_found(owner: User):
    job = made_video(owner)

    change("UPDATE jobs SET cost = 2")

    assert found() == [("I1", "job", str(job.pk), "READY at a cost of 2 was charged 3 of 4")]


def test_failed_job_that_was_charged_is_found(owner: User):
    give(owner, 10)
    job = job_of(owner, JobState.FAILED, reserved=4, cost=1)
    hold(owner, 4, job_id=job.pk)
    ledger.finalize(job_id=job.pk, credits=1, at=NOW)

    assert found() == [("I1", "job", str(job.pk), "FAILED at a cost of 1 was charged 1 of 4")]


def test_reservation_of_an_unknown_job_is_found(owner: User):
    give(owner, 10)
    job_id = hold(owner, 4)

    row = LedgerEntry.objects.get(kind=Kind.RESERVE)
    said = f"RESERVE of 4 credits is for job {job_id}, which does not exist"
    assert ("I1", "ledger row", str(row.pk), said) in found()


def test_ready_job_with_an_unfinished_step_is_found(owner: User):
    job = job_of(owner, JobState.READY)
    JobStep.objects.create(job=job, step="render", ordinal=1, state=StepState.QUEUED)

    assert found() == [("I5", "job", str(job.pk), "READY with 1 of 2 steps not done")]


@pytest.mark.parametrize(
    ("table", "said"),
    [("assets", "READY with 1 steps and 0 files"), ("job_steps", "READY with 0 steps and 1 files")],
)
def test_ready_job_that_lost_its_rows_is_found(owner: User, table: str, said: str):
    job = made_video(owner)

    change(f"DELETE FROM {table}")

    assert found() == [("I5", "job", str(job.pk), said)]


@pytest.mark.parametrize(("overdue_seconds", "findings"), [(5, 0), (15, 1)])
def test_step_on_a_lease_that_ended_is_found(owner: User, overdue_seconds: int, findings: int):
    job = job_of(owner, JobState.RUNNING)
    ended = timezone.now() - timedelta(seconds=overdue_seconds)
    step = JobStep.objects.create(job=job, step="render", ordinal=1, state=StepState.RUNNING, lease_until=ended)

    assert [(one.invariant, one.id) for one in reconcile()] == [("I6", str(step.pk))] * findings


def delivered(job: Job, folder: Path, content: bytes) -> Asset:
    name = f"{job.user_id}/video.mp4"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(content)
    return Asset.objects.create(
        job=job,
        kind="video",
        filename="video.mp4",
        storage_name=name,
        sha256=hashlib.sha256(b"a film").hexdigest(),
        size_bytes=6,
    )


def test_delivered_file_is_looked_for(owner: User, storage: Path):
    asset = delivered(job_of(owner, JobState.READY), storage, b"a film")
    assert found(deep=True) == []

    (storage / asset.storage_name).unlink()

    assert found() == [("I5", "asset", str(asset.pk), f"video.mp4 of job {asset.job_id} is missing")]
    assert found(files=False) == []


def test_expired_file_is_not_missed(owner: User, storage: Path):
    asset = delivered(job_of(owner, JobState.READY), storage, b"a film")
    (storage / asset.storage_name).unlink()

    Asset.objects.update(expired_at=NOW)

    assert found() == []


def test_deep_look_finds_another_content(owner: User, storage: Path):
    asset = delivered(job_of(owner, JobState.READY), storage, b"a flim")

    assert found() == []
    assert found(deep=True) == [("I5", "asset", str(asset.pk), f"video.mp4 of job {asset.job_id} has another content")]


def test_file_that_its_owner_deletes_meanwhile_is_not_missed(owner: User, storage: Path, monkeypatch):
    asset = delivered(job_of(owner, JobState.READY), storage, b"a film")
    batches = delivered_files._batches

    def batches_and_then_delete() -> Iterator[list[Asset]]:
        for batch in batches():
            Asset.objects.update(expired_at=NOW)
            (storage / asset.storage_name).unlink()
            yield batch

    monkeypatch.setattr(delivered_files, "_batches", batches_and_then_delete)

    assert found(deep=True) == []


def test_file_that_vanishes_between_two_questions_is_missing(owner: User, storage: Path, monkeypatch):
    asset = delivered(job_of(owner, JobState.READY), storage, b"a film")
    (storage / asset.storage_name).unlink()
    monkeypatch.setattr(DurableStorage, "exists", lambda storage, name: True)

    assert found(deep=True) == [("I5", "asset", str(asset.pk), f"video.mp4 of job {asset.job_id} is missing")]


def test_nights_of_a_week_read_every_file_once_and_miss_it_each(owner: User, storage: Path, time_machine):
    asset = delivered(job_of(owner, JobState.READY), storage, b"a flim")

    said = [findings_at(time_machine, NOW + timedelta(days=day)) for day in range(7)]
    (storage / asset.storage_name).unlink()
    without = [findings_at(time_machine, NOW + timedelta(days=day)) for day in (7, 8)]

    told = f"I5 asset {asset.pk}: video.mp4 of job {asset.job_id}"
    assert sorted(said) == [*[""] * 6, f"{told} has another content\n"]
    assert without == [f"{told} is missing\n"] * 2


def findings_at(time_machine, moment: datetime) -> str:
    time_machine.move_to(moment)
    out = StringIO()
    with suppress(CommandError):
        call_command("reconcile", "--nightly", stdout=out)
    return out.getvalue().replace("Ledger, wallets, lots, jobs and files agree.\n", "")


def test_command_agrees_with_exit_0(owner: User):
    made_video(owner)
    out = StringIO()

    call_command("reconcile", stdout=out)

    assert out.getvalue() == "Ledger, wallets, lots, jobs and files agree.\n"


def test_command_names_the_drift_with_exit_1(owner: User):
    made_video(owner)
    change("UPDATE wallets SET last_seq = 4")
    out = StringIO()

    with pytest.raises(CommandError) as failed:
        call_command("reconcile", stdout=out)

    assert failed.value.returncode == 1
    assert out.getvalue() == f"I3 wallet {owner.pk}: its 3 ledger rows end at number 3; it counted 4\n"


def test_command_speaks_json(owner: User):
    made_video(owner)
    change("UPDATE wallets SET last_seq = 4")
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("reconcile", "--json", stdout=out)

    (finding,) = json.loads(out.getvalue())["findings"]
    assert (finding["invariant"], finding["subject"], uuid.UUID(finding["id"])) == ("I3", "wallet", owner.pk)


@pytest.mark.django_db(transaction=True)
def test_command_reads_one_moment_of_the_database(owner: User):
    made_video(owner)

    assert found() == []


@pytest.mark.parametrize(
    ("how", "is_drifting", "moment"),
    [("--deep", False, "done_at"), ("--deep", True, "failed_at"), ("--nightly", False, "done_at")],
)
def test_deep_comparison_leaves_a_date_that_says_how_it_ended(owner: User, how: str, is_drifting: bool, moment: str):
    made_video(owner)
    NightsWork.objects.filter(pk=Work.RECONCILE_DEEP).delete()
    if is_drifting:
        change("UPDATE wallets SET available = available + 1")

    with suppress(CommandError):
        call_command("reconcile", how, stdout=StringIO())

    noted = NightsWork.objects.get(pk=Work.RECONCILE_DEEP)
    assert [name for name in ("done_at", "failed_at") if getattr(noted, name)] == [moment]


def test_comparison_of_rows_and_names_alone_leaves_no_date(owner: User):
    NightsWork.objects.filter(pk=Work.RECONCILE_DEEP).delete()

    call_command("reconcile", stdout=StringIO())

    assert not NightsWork.objects.filter(pk=Work.RECONCILE_DEEP).exists()


@pytest.mark.parametrize("is_drifting", [False, True])
def test_comparison_by_hand_stands_for_the_night_s(owner: User, is_drifting: bool):
    """The rule about the night's check names it as what helps at once."""
    NightsWork.objects.filter(pk=Work.WATCH_EVERYTHING).delete()
    if is_drifting:
        change("UPDATE wallets SET available = available + 1")

    with suppress(CommandError):
        call_command("reconcile", stdout=StringIO())

    noted = NightsWork.objects.get(pk=Work.WATCH_EVERYTHING)
    assert (noted.done_at is not None, noted.failed_at) == (True, None)
