"""Files of videos that were deleted or expired: a worker deletes them, once for all that a user's videos left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from apps.pipeline import left_files, tasks
from apps.pipeline.actions import delete_project
from apps.pipeline.models import Asset, Job, Project
from canvascast.operations import periodic
from canvascast.storages import DurableStorage
from tests.engine.conftest import start
from tests.engine.test_runner import run

pytestmark = pytest.mark.django_db

TASK = "apps.pipeline.tasks.delete_left_files"


def names_of(job: Job) -> list[str]:
    return list(Asset.objects.filter(job=job).order_by("filename").values_list("storage_name", flat=True))


def kept(names: list[str]) -> list[str]:
    return [name for name in names if storages["generated-assets"].exists(name)]


def delete(job: Job) -> None:
    delete_project(project=job.project, by=job.user, at=timezone.now())


def hints() -> list[tuple[str, str]]:
    """Return the queue and the argument of each hint to delete what is left."""
    waiting = [(row.key, row.task) for row in OrmQ.objects.all()]
    return [(queue, task["args"][0]) for queue, task in waiting if task["func"] == TASK]


def test_deletion_is_over_before_the_files_are_deleted_and_a_worker_is_told(trivial, owner):
    job = run(start(owner, "one two"))

    delete(job)

    project = Project.objects.get()
    assert (project.deleted_at is not None, project.files_left) == (True, sorted(names_of(job)))
    assert (kept(names_of(job)), hints()) == (names_of(job), [("quick", str(owner.pk))])

    tasks.delete_left_files(str(owner.pk))

    assert (kept(names_of(job)), Project.objects.get().files_left) == ([], None)


def test_hint_that_was_lost_is_made_up_for_by_the_clock(trivial, owner):
    job = run(start(owner, "one two"))
    delete(job)
    OrmQ.objects.all().delete()

    periodic.tidy()

    assert (kept(names_of(job)), Project.objects.get().files_left) == ([], None)


def test_what_many_videos_left_is_looked_for_in_the_others_once(trivial, owner):
    jobs = [run(start(owner, f"one two {number}")) for number in range(3)]
    stays = run(start(owner, "two"))
    for job in jobs:
        delete(job)

    with CaptureQueriesContext(connection) as queries:
        left_files.delete_left(owner.pk)

    looked = [query["sql"] for query in queries if "jsonb_path_query" in query["sql"]]
    assert len(looked) == 2, "the results, and the orders"
    assert {name for job in jobs for name in kept(names_of(job))} == set(names_of(stays))


def test_what_is_left_meanwhile_is_not_forgotten(trivial, owner, monkeypatch):
    first, second = run(start(owner, "one")), run(start(owner, "two"))
    delete(first)
    remove = DurableStorage.delete

    def remove_while_another_is_deleted(storage: DurableStorage, name: str) -> None:
        remove(storage, name)
        if not Project.objects.get(pk=second.project_id).deleted_at:
            delete(second)

    monkeypatch.setattr(DurableStorage, "delete", remove_while_another_is_deleted)
    left_files.delete_left(owner.pk)

    assert kept(names_of(first) + names_of(second)) == []
    assert not Project.objects.filter(files_left__isnull=False).exists()


def test_expired_video_that_is_deleted_while_its_files_go_loses_the_rest_too(trivial, owner, monkeypatch):
    job = run(start(owner, "one two"))
    delete(job)
    more = storages["generated-assets"].save(f"{owner.pk}/ab/{'a' * 64}.txt", ContentFile(b"more"))
    remove = DurableStorage.delete

    def remove_while_more_is_left(storage: DurableStorage, name: str) -> None:
        remove(storage, name)
        if storage.exists(more):
            left_files.leave(Project.objects.get(), [more])

    monkeypatch.setattr(DurableStorage, "delete", remove_while_more_is_left)
    left_files.delete_left(owner.pk)

    assert kept([*names_of(job), more]) == []


def test_out_of_time_the_clock_leaves_other_users_to_the_next_round(trivial, owner, monkeypatch):
    delete(run(start(owner, "one")))
    seen: list[object] = []
    monkeypatch.setattr(left_files, "delete_left", seen.append)

    assert left_files.delete_forgotten(seconds=-1) == 1
    assert seen == [owner.pk]


@pytest.mark.django_db(transaction=True)
def test_one_process_at_a_time_deletes_for_a_user_and_takes_along_what_comes(trivial, owner, monkeypatch):
    first, second = run(start(owner, "one")), run(start(owner, "two"))
    delete(first)
    is_there, goes_on, remove = Event(), Event(), DurableStorage.delete

    def hold(storage: DurableStorage, name: str) -> None:
        is_there.set()
        goes_on.wait(30)
        remove(storage, name)

    monkeypatch.setattr(DurableStorage, "delete", hold)

    def work() -> None:
        left_files.delete_left(owner.pk)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        working = pool.submit(work)
        assert is_there.wait(30)
        delete(second)
        pool.submit(work).result(30)
        assert len(kept(names_of(first) + names_of(second))) == 2
        goes_on.set()
        working.result(30)

    assert kept(names_of(first) + names_of(second)) == []


def test_files_of_a_video_whose_days_are_over_go_in_the_same_round_of_the_clock(trivial, owner):
    trivial.ASSET_DAYS = 90
    job = run(start(owner, "one two"))
    Asset.objects.update(created_at=timezone.now() - timedelta(days=200))
    Project.objects.update(files_until=timezone.now() - timedelta(days=1))

    periodic.tidy()

    assert (kept(names_of(job)), Project.objects.get().files_left) == ([], None)
