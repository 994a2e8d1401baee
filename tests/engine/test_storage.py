"""A stored file is whole or not there, and what a killed process began is cleared away."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from apps.pipeline.models import WorkerBeat
from canvascast.storages import DurableStorage, clear_abandoned
from tests.workers import running_worker, wait_until

HOUR = 3600


class Killed(BaseException):
    pass


class HalfAFile(ContentFile):
    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"half"
        raise Killed


@pytest.fixture
def storage(trivial) -> DurableStorage:
    return storages["generated-assets"]


def files(storage: DurableStorage) -> list[str]:
    root = Path(storage.location)
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def abandon(folder: Path, name: str, *, hours_ago: float) -> None:
    (folder / ".incoming").mkdir(parents=True, exist_ok=True)
    path = folder / ".incoming" / name
    path.write_bytes(b"half")
    written_at = time.time() - hours_ago * HOUR
    os.utime(path, (written_at, written_at))


def test_stored_file_is_where_its_name_says_and_readable_by_all(storage):
    name = storage.save("user/ab/film.mp4", ContentFile(b"film"))

    assert files(storage) == ["user/ab/film.mp4"]
    assert Path(storage.path(name)).read_bytes() == b"film"
    assert Path(storage.path(name)).stat().st_mode & 0o777 == 0o644


def test_file_and_every_folder_made_for_it_are_on_the_disk_before_it_counts_as_saved(storage, tmp_path, monkeypatch):
    synced: list[str] = []

    def sync(file: int) -> None:
        path = Path(f"/proc/self/fd/{file}").readlink().relative_to(tmp_path)
        synced.append("the file" if path.parent.name == ".incoming" else str(path))

    monkeypatch.setattr(os, "fsync", sync)

    storage.save("user/ab/film.mp4", ContentFile(b"film"))
    storage.save("user/ab/other.mp4", ContentFile(b"film"))

    root = "storage/generated-assets"
    made = [f"{root}/user", root, "storage", "."]
    assert synced == [*made, "the file", f"{root}/user/ab", "the file", f"{root}/user/ab"]


def test_write_that_breaks_off_leaves_nothing(storage):
    with pytest.raises(Killed):
        storage.save("user/ab/film.mp4", HalfAFile(b""))

    assert files(storage) == []


def test_half_file_is_cleared_after_a_day_and_no_whole_one_ever(storage):
    name = storage.save("user/ab/film.mp4", ContentFile(b"film"))
    os.utime(storage.path(name), (0, 0))
    abandon(Path(storage.location), "old", hours_ago=25)
    abandon(Path(storage.location), "new", hours_ago=23)

    assert clear_abandoned() == 1
    assert files(storage) == [".incoming/new", "user/ab/film.mp4"]


def test_storage_without_half_files_has_nothing_to_clear(storage):
    assert clear_abandoned() == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_worker_clears_what_was_left(trivial, tmp_path: Path):
    folder = tmp_path / "storage" / "generated-assets"
    abandon(folder, "old", hours_ago=25)

    with running_worker(tmp_path, "tests.engine.settings_trivial"):
        wait_until(lambda: WorkerBeat.objects.exists(), seconds=30, what="the worker")
        wait_until(lambda: not (folder / ".incoming" / "old").exists(), seconds=30, what="the cleaning")
