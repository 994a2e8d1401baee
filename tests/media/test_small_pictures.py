"""Small pictures of scenes: the owner's alone, made once, kept by browsers for good, gone with their video."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils import timezone
from PIL import Image

from apps.pipeline.actions import delete_project
from apps.pipeline.blobs import UserBlobs, storage_name
from apps.pipeline.models import Artifact, Asset, Project
from canvascast.object_storage import BucketStorage
from canvascast.operations.prune import prune
from tests.pages.conftest import as_user, owner, stranger, video
from tests.pages.rows import drawn_picture

__all__ = ["as_user", "owner", "stranger"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cached(settings, tmp_path: Path) -> Path:
    settings.CACHE_DIR = tmp_path / "cache"
    return settings.CACHE_DIR / "pictures"


def address(job, *, picture: str = "", width: int = 320) -> str:
    return f"/app/videos/{job.project_id}/pictures/{picture or drawn_picture(job)}/{width}"


@pytest.mark.parametrize(("width", "height"), [(320, 180), (640, 360)])
def test_owner_gets_a_small_webp_while_the_video_is_made(as_user, owner, width, height):
    answer = as_user(owner).get(address(video(owner, state="RUNNING"), width=width))

    with Image.open(BytesIO(b"".join(answer.streaming_content))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (width, height))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/webp", "private, max-age=31536000, immutable")


def test_still_of_a_finished_video_is_small_too_for_its_owner_alone(as_user, owner, stranger, tmp_path):
    job = video(owner)
    still = UserBlobs(owner.pk, tmp_path).put_bytes(jpeg(960, 540), ".jpg")
    Asset.objects.create(
        job=job,
        kind="thumbnail",
        filename="thumbnails/thumbnail_540.jpg",
        storage_name=storage_name(owner.pk, still),
        sha256=still.sha256,
        size_bytes=still.size_bytes,
    )
    url = address(job, picture=still.sha256)

    answer = as_user(owner).get(url)

    with Image.open(BytesIO(b"".join(answer.streaming_content))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (320, 180))
    assert as_user(stranger).get(url).status_code == 404
    Asset.objects.update(expired_at=timezone.now())
    assert as_user(owner).get(url).status_code == 404


def jpeg(width: int, height: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (width, height), "teal").save(stream, "JPEG")
    return stream.getvalue()


def test_picture_is_shrunk_once(as_user, owner, cached):
    url = address(video(owner))
    client = as_user(owner)
    client.get(url)
    for original in Path(storages["generated-assets"].path(str(owner.pk))).rglob("*.png"):
        original.unlink()

    assert client.get(url).status_code == 200
    assert len(list(cached.rglob("*.webp"))) == 1


def test_browser_that_has_it_is_not_sent_it_again(as_user, owner):
    url = address(video(owner))
    client = as_user(owner)
    etag = client.get(url)["ETag"]

    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("width", [0, 1, 321, 1920, 999_999])
def test_other_widths_are_not_there(as_user, owner, width):
    assert as_user(owner).get(address(video(owner), width=width)).status_code == 404


@pytest.mark.parametrize("picture", ["0" * 64, "x", "manage"])
def test_what_was_not_drawn_is_not_there(as_user, owner, picture):
    assert as_user(owner).get(address(video(owner), picture=picture)).status_code == 404


def test_stranger_gets_nothing_even_after_the_owner_looked(as_user, owner, stranger):
    url = address(video(owner))
    as_user(owner).get(url)

    assert as_user(stranger).get(url).status_code == 404


def test_picture_of_another_video_of_the_owner_is_not_at_this_address(as_user, owner):
    picture = drawn_picture(video(owner))

    assert as_user(owner).get(address(video(owner), picture=picture)).status_code == 404


def test_picture_whose_file_is_gone_is_not_there(as_user, owner):
    url = address(video(owner))
    for original in Path(storages["generated-assets"].path(str(owner.pk))).rglob("*.png"):
        original.unlink()

    assert as_user(owner).get(url).status_code == 404


def test_deleted_video_takes_its_small_pictures_with_it(as_user, owner, cached, django_capture_on_commit_callbacks):
    job = video(owner)
    url = address(job)
    client = as_user(owner)
    client.get(url)

    with django_capture_on_commit_callbacks(execute=True):
        delete_project(project=Project.objects.get(), by=owner, at=timezone.now())

    assert client.get(url).status_code == 404
    assert list(cached.rglob("*.webp")) == []
    assert Artifact.objects.get().payload == {"erased": True}


def test_prune_takes_small_pictures_that_were_made_long_ago(as_user, owner, cached):
    as_user(owner).get(address(video(owner)))
    now = timezone.now()

    kept = [part.number for part in prune(at=now, dry_run=False) if part.kind == "small pictures"]
    old = [part.number for part in prune(at=now + timedelta(days=31), dry_run=False) if part.kind == "small pictures"]

    assert (kept, old, list(cached.rglob("*.webp"))) == ([0], [1], [])


def test_picture_in_a_bucket_is_shrunk_too_and_asked_for_once(bucket, as_user, owner, monkeypatch):
    url = address(video(owner))
    client = as_user(owner)
    first = client.get(url)
    monkeypatch.setattr(BucketStorage, "open", None)

    assert (first.status_code, client.get(url).status_code) == (200, 200)
