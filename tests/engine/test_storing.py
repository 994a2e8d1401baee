"""A file that a step stores, or finds there, is there when its row is committed, whoever deletes meanwhile."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.pipeline import catalogue, engine, left_files
from apps.pipeline.actions import cancel_video, delete_project
from apps.pipeline.blobs import UserBlobs, storage_name
from apps.pipeline.context import StepContext
from apps.pipeline.models import Artifact, Asset, Job, JobStep
from apps.pipeline.steps.base import Stopped
from apps.pipeline.storing import deleting
from canvascast.operations.orphans import delete_orphan, orphans
from canvascast.storages import DurableStorage
from tests.engine.conftest import start
from tests.engine.test_lock_order import somebody_waits, wait_until
from tests.engine.test_runner import run
from tests.engine.trivial_steps import Text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(trivial) -> DurableStorage:
    return storages["generated-assets"]


def store(owner: User, content: bytes) -> str:
    """Store it as a step does whose row is not committed yet; return its storage name."""
    return storage_name(owner.pk, UserBlobs(owner.pk, Path("unused")).put_bytes(content, ".txt"))


def names_of(job: Job) -> list[str]:
    return list(Asset.objects.filter(job=job).order_by("filename").values_list("storage_name", flat=True))


def kept(names: list[str]) -> list[str]:
    return [name for name in names if storages["generated-assets"].exists(name)]


def age(name: str, *, hours: float) -> float:
    """Let it have been written that long ago, and return that moment."""
    written_at = time.time() - 3600 * hours
    os.utime(storages["generated-assets"].path(name), (written_at, written_at))
    return written_at


def delete(job: Job) -> None:
    """Let the user delete it, and a worker its files."""
    delete_project(project=job.project, by=job.user, at=timezone.now())
    left_files.delete_left(job.user_id)


def test_file_that_a_video_in_the_making_found_there_stays_when_another_video_goes(owner):
    made = run(start(owner, "one two"))
    start(owner, "three")

    found = store(owner, b"ONE")
    delete(made)

    assert kept([found]) == [found]


def test_file_that_a_video_in_the_making_found_there_stays_however_old_it_was(owner):
    made = run(start(owner, "one two"))
    for name in names_of(made):
        age(name, hours=100)
    start(owner, "three")

    found = store(owner, b"ONE")
    delete(made)

    assert kept(names_of(made)) == [found]


def test_files_of_the_last_day_that_were_left_because_of_another_video_go_with_prune(owner):
    made = run(start(owner, "one two"))
    start(owner, "three")

    delete(made)

    assert kept(names_of(made)) == names_of(made)
    found = {orphan.name for orphan in orphans(timezone.now() + timedelta(hours=25))}
    assert {name for name in found if name.startswith(str(owner.pk))} == set(names_of(made))


def test_file_that_a_video_ordered_meanwhile_found_there_stays(owner, monkeypatch):
    """A bucket takes seconds to delete what a video has."""
    made = run(start(owner, "one two"))
    monkeypatch.setattr(left_files, "_MOMENT_SECONDS", 0.0)
    monkeypatch.setattr(DurableStorage, "most_at_once", 1)
    remove, found = DurableStorage.delete, []

    def remove_and_order(storage: DurableStorage, name: str) -> None:
        remove(storage, name)
        if not found:
            start(owner, "three")
            found.extend(store(owner, content) for content in (b"ONE", b"TWO"))

    monkeypatch.setattr(DurableStorage, "delete", remove_and_order)
    delete(made)

    assert kept(found) == found


def test_unit_that_a_step_recalled_from_another_video_outlives_that_video(owner):
    other = start(owner, "one two")
    context_of(other).keep("unit", Text("TWO"), Text("kept"))
    context = context_of(start(owner, "three"))

    recalled = context.recall("unit", Text("TWO"), Text)
    delete(other)

    assert recalled == context.recall("unit", Text("TWO"), Text) == Text("kept")


def test_step_of_a_video_that_was_stopped_takes_nothing_over(owner):
    context_of(start(owner, "one two")).keep("unit", Text("TWO"), Text("kept"))
    job = start(owner, "three")
    context = context_of(job)
    cancel_video(job_id=job.pk, by=owner, at=timezone.now())

    with pytest.raises(Stopped):
        context.recall("unit", Text("TWO"), Text)

    assert not Artifact.objects.filter(project=job.project).exists()


def test_step_stores_no_file_of_a_video_that_was_deleted_meanwhile(owner, tmp_path):
    job = start(owner, "three")
    context = context_of(job)
    delete(job)

    with pytest.raises(Stopped):
        context.store.put_bytes(b"words of the user", ".wav")

    assert not list((tmp_path / "storage").rglob("*.wav"))


def context_of(job: Job) -> StepContext:
    """What the runner lends to a job's voice step."""
    claim = engine.claim(JobStep.objects.get(job=job, step="script").pk, worker="w")
    step = catalogue.step_named("voice")
    return StepContext(
        job=job, step=step, claim=claim, provider=None, moderator=None, scratch=Path("unused"), pulse=Mock()
    )


def test_results_that_an_order_took_over_and_has_not_committed_keep_their_files(transactional_db, trivial, monkeypatch):
    owner = User.objects.create_user("owner@example.com")
    ledger.grant(user_id=owner.pk, credits=100, source=Source.GIFT, reason="", key="owner", at=timezone.now())
    made = run(start(owner, "one two"))
    ordered, go_on = threading.Event(), threading.Event()

    def order() -> None:
        with transaction.atomic():
            start(owner, "one two")
            ordered.set()
            go_on.wait(10)
        connection.close()

    def remove() -> None:
        delete(made)
        connection.close()

    ordering, removing = threading.Thread(target=order), threading.Thread(target=remove)
    ordering.start()
    ordered.wait(10)
    removing.start()
    wait_until(lambda: somebody_waits() or not removing.is_alive())
    go_on.set()
    ordering.join(10)
    removing.join(10)

    assert kept(names_of(made)) == names_of(made)


def test_nothing_of_a_user_is_deleted_while_they_store_nor_stored_while_they_delete(transactional_db, trivial):
    owner = User.objects.create_user("owner@example.com")
    order: list[str] = []

    def store_elsewhere() -> None:
        store(owner, b"ONE")
        order.append("stored")
        connection.close()

    storing = threading.Thread(target=store_elsewhere)
    with deleting(owner.pk) as is_alone:
        storing.start()
        storing.join(0.2)
        order.append("deleted")
    storing.join(10)

    assert (is_alone, order) == (True, ["deleted", "stored"])


def test_delete_gives_way_to_a_store_that_goes_on(transactional_db, trivial, monkeypatch):
    owner = User.objects.create_user("owner@example.com")
    seen: list[bool] = []

    def look_elsewhere() -> None:
        with deleting(owner.pk) as is_alone:
            seen.append(is_alone)
        connection.close()

    def save(storage: DurableStorage, name: str, content: object) -> str:
        looking = threading.Thread(target=look_elsewhere)
        looking.start()
        looking.join(10)
        return name

    monkeypatch.setattr(DurableStorage, "_save", save)
    store(owner, b"ONE")
    look_elsewhere()

    assert seen == [False, True]


@pytest.mark.parametrize(("hours", "is_written_again"), [(0.9, False), (1.1, True)])
def test_file_that_is_stored_again_tells_by_its_time_that_it_is_needed(owner, storage, hours, is_written_again):
    written_at = age(store(owner, b"ONE"), hours=hours)

    name = store(owner, b"ONE")

    now = Path(storage.path(name)).stat().st_mtime
    assert (now > written_at + 60) is is_written_again
    assert Path(storage.path(name)).read_bytes() == b"ONE"


def test_orphan_that_a_step_stores_again_after_prune_found_it_stays(owner):
    name = store(owner, b"ONE")
    age(name, hours=30)
    orphan = next(orphan for orphan in orphans(timezone.now()) if orphan.name == name)

    store(owner, b"ONE")

    assert not delete_orphan(orphan, at=timezone.now())
    assert kept([name]) == [name]


def test_orphan_whose_row_came_while_prune_looked_at_others_stays(owner, monkeypatch):
    look, names = DurableStorage.get_modified_time, []

    def look_while_a_row_comes(storage: DurableStorage, name: str):
        found = look(storage, name)
        if name in names and not Asset.objects.exists():
            job = start(owner, "three")
            Asset.objects.create(job=job, filename="1.txt", storage_name=name, sha256="", size_bytes=3)
        return found

    names.extend(store(owner, content) for content in (b"ONE", b"TWO"))
    for name in names:
        age(name, hours=30)
    monkeypatch.setattr(DurableStorage, "get_modified_time", look_while_a_row_comes)

    found = [orphan.name for orphan in orphans(timezone.now()) if orphan.name in names]

    assert (len(found), Asset.objects.get().storage_name in found) == (1, False)
