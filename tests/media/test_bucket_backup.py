"""What a backup knows of files that live in a bucket."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from canvascast.operations.backups.files import bring_back, files_are_in, not_in_bucket, save_files
from canvascast.operations.backups.folder import Backup, StoredFile


@pytest.fixture
def backup(tmp_path: Path) -> Backup:
    (tmp_path / "backup").mkdir()
    return Backup(tmp_path / "backup")


def quiet(text: str) -> None:
    """Nobody waits."""


def test_bucket_is_listed_and_not_copied(bucket, backup: Backup):
    storages["generated-assets"].save("u/ab/film.mp4", ContentFile(b"film"))
    storages["default"].save("avatars/me.webp", ContentFile(b"me"))
    storages["temp-processing"].save("preview.wav", ContentFile(b"heard once"))

    save_files(backup, None, quiet)

    assert files_are_in() == "bucket"
    assert list(backup.files()) == [
        StoredFile("default", "avatars/me.webp", 2),
        StoredFile("generated-assets", "u/ab/film.mp4", 4),
    ]
    assert not (backup.path / "files").exists()


def test_listed_file_that_the_bucket_lost_or_changed_is_named(bucket, backup: Backup):
    for name in ("kept", "lost", "cut"):
        storages["generated-assets"].save(name, ContentFile(b"a film"))
    save_files(backup, None, quiet)

    bucket.delete("generated-assets/lost")
    storages["generated-assets"].save("cut", ContentFile(b"a"))

    assert sorted(not_in_bucket(backup)) == ["cut", "lost"]
    assert not_in_bucket(backup, lambda stored: stored.name == "lost") == ["cut"]


def test_files_of_folders_can_be_brought_into_a_bucket(folders, backup: Backup, request):
    storages["generated-assets"].save("u/ab/film.mp4", ContentFile(b"film"))
    save_files(backup, None, quiet)
    request.getfixturevalue("bucket")

    assert bring_back(backup, quiet) == (1, [])
    assert storages["generated-assets"].open("u/ab/film.mp4").read() == b"film"
    assert bring_back(backup, quiet) == (0, [])
