"""Videos made with every file in an S3 bucket, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from apps.pipeline import artifacts, catalogue, left_files
from apps.pipeline.actions import delete_project, retry_video
from apps.pipeline.blobs import UserBlobs, storage_name
from apps.pipeline.contracts import Blob
from apps.pipeline.lost_work import LOST
from apps.pipeline.models import Artifact, Asset, Job, JobStep
from apps.pipeline.providers.errors import Transient
from apps.pipeline.states import JobState
from canvascast.object_storage import BucketStorage
from canvascast.settings import storage as storage_settings
from canvascast.storages import PRIVATE_STORAGES, StorageUnavailable, many_files
from tests.engine.conftest import start
from tests.engine.test_runner import run
from tests.media.conftest import ENVIRONMENT

pytestmark = pytest.mark.django_db
# Jobs renew their leases over a connection of their own, which sees only what is committed.
runs_jobs = pytest.mark.django_db(transaction=True)


@runs_jobs
def test_job_runs_from_prompt_to_assets_in_the_bucket(bucket, trivial, owner):
    job = run(start(owner, "one two three"))

    assert job.state == JobState.READY
    stored = {f"generated-assets/{asset.storage_name}" for asset in Asset.objects.filter(job=job)}
    assert stored <= set(bucket.names())
    first = Asset.objects.get(job=job, filename="0.txt")
    assert storages["generated-assets"].open(first.storage_name).read() == b"ONE"


@runs_jobs
def test_files_of_a_deleted_video_leave_the_bucket_and_those_that_another_needs_stay(bucket, trivial, owner):
    gone, stays = run(start(owner, "one two three")), run(start(owner, "two four"))

    delete_project(project=gone.project, by=owner, at=timezone.now())
    left_files.delete_left(owner.pk)

    stored = {f"generated-assets/{asset.storage_name}" for asset in Asset.objects.filter(job=stays)}
    assert set(bucket.names()) == stored


@pytest.mark.parametrize(
    ("than", "number"), [(timedelta(days=-1), 2), pytest.param(timedelta(days=1), 0, marks=pytest.mark.slow)]
)
def test_bucket_tells_which_of_many_files_are_old(bucket, than, number):
    storage = storages["generated-assets"]
    names = [storage.save(f"somebody/{name}.txt", ContentFile(b"x")) for name in ("a", "b", "c")]

    old, looked_at = many_files(storage).older_of([names[0], "somebody/aa.txt", names[2]], timezone.now() - than)

    assert (old, looked_at) == ([names[0], names[2]][:number], 3)


@runs_jobs
def test_second_job_of_the_same_words_stores_nothing_again(bucket, trivial, owner):
    run(start(owner, "one two"))
    before = bucket.names()

    job = run(start(owner, "one two"))

    assert bucket.names() == before
    assert JobStep.objects.filter(job=job, step="voice", part__gt="", reused=True).count() == 2


@runs_jobs
def test_opening_a_job_asks_the_bucket_nothing(bucket, trivial, owner, monkeypatch):
    run(start(owner, "one two"))
    asked: list[str] = []
    monkeypatch.setattr(BucketStorage, "exists", lambda self, name: asked.append(name) or True)

    again = start(owner, "one two")

    assert JobStep.objects.filter(job=again, step="voice", reused=True).count() == 3
    assert asked == []


@runs_jobs
def test_lost_files_fail_one_job_and_are_made_anew_by_the_next(bucket, trivial, owner):
    run(start(owner, "one two"))
    bucket.empty()

    failed = run(start(owner, "one two"))
    again = run(retry_video(job=failed, by=owner, at=timezone.now()))

    assert (failed.state, failed.error_code) == (JobState.FAILED, "file_missing")
    assert again.state == JobState.READY
    assert JobStep.objects.filter(job=again, step="voice", part__gt="", reused=False).count() == 2
    assert len(bucket.names()) == 2


def test_missed_file_is_noted_with_all_that_its_video_lost_however_old(bucket, trivial, owner, tmp_path, monkeypatch):
    job, step, blobs = start(owner, "one"), catalogue.step_named("voice"), UserBlobs(owner.pk, tmp_path)
    lost = {key: blobs.put_bytes(key.encode(), ".txt") for key in ("missed", "gone too")}
    for key, blob in lost.items():
        artifacts.keep_artifact(job, step, "", key, blob, "")
    bucket.empty()
    artifacts.keep_artifact(job, step, "", "there", blobs.put_bytes(b"there", ".txt"), "")
    monkeypatch.setattr("apps.pipeline.lost_work._MOST_RESULTS", 0)

    with pytest.raises(Transient):
        blobs.fetch(lost["missed"])

    assert sorted(Artifact.objects.filter(content=LOST).values_list("key", flat=True)) == ["gone too", "missed"]


@runs_jobs
def test_work_made_anew_is_reused_again(bucket, trivial, owner):
    run(start(owner, "one two"))
    bucket.empty()
    failed = run(start(owner, "one two"))
    run(retry_video(job=failed, by=owner, at=timezone.now()))

    job = run(start(owner, "one two"))

    assert job.state == JobState.READY
    assert JobStep.objects.filter(job=job, step="voice", part__gt="", reused=True).count() == 2


@runs_jobs
def test_note_of_lost_work_is_never_taken_for_work(bucket, trivial, owner, tmp_path):
    job = run(start(owner, "one"))
    bucket.empty()
    with pytest.raises(Transient):
        UserBlobs(owner.pk, tmp_path).fetch(blob_of(job))
    part = JobStep.objects.get(job=job, step="voice", part__gt="")
    with pytest.raises(Transient):
        UserBlobs(owner.pk, tmp_path).fetch(blob_of(job))

    assert artifacts.find_artifact(job, catalogue.step_named("voice"), part.key) is None
    assert Artifact.objects.filter(key=part.key, content=LOST).count() == 1
    assert Artifact.objects.get(pk=part.artifact_id).payload != {}


def blob_of(job: Job) -> Blob:
    asset = Asset.objects.get(job=job)
    return Blob(asset.sha256, asset.size_bytes, ".txt")


def test_file_is_downloaded_once_a_step(bucket, owner, tmp_path):
    blobs = UserBlobs(owner.pk, tmp_path)
    blob = blobs.put_bytes(b"picture", ".png")

    first = blobs.fetch(blob)
    bucket.empty()

    assert blobs.fetch(blob) == first
    assert first.read_bytes() == b"picture"
    assert [path.name for path in tmp_path.glob("*.png")] == [first.name]


def test_file_is_uploaded_again_for_what_the_bucket_has_may_be_damaged_or_about_to_go(bucket, owner, tmp_path):
    blobs = UserBlobs(owner.pk, tmp_path)
    blob = blobs.put_bytes(b"picture", ".png")
    storages["generated-assets"].delete(storage_name(owner.pk, blob))
    storages["generated-assets"].save(storage_name(owner.pk, blob), ContentFile(b"pixture"))

    blobs.put_bytes(b"picture", ".png")

    assert blobs.fetch(blob).read_bytes() == b"picture"


def test_object_that_is_not_there_is_no_trouble_of_the_bucket(bucket):
    for ask in ("size", "get_modified_time"):
        with pytest.raises(FileNotFoundError):
            getattr(storages["generated-assets"], ask)("u/ab/gone.png")


def test_file_of_many_parts_comes_back_whole(bucket, owner, tmp_path):
    content = bytes(range(256)) * 40_000
    (tmp_path / "film.mp4").write_bytes(content)
    blobs = UserBlobs(owner.pk, tmp_path)

    blob = blobs.put(tmp_path / "film.mp4", ".mp4")

    assert blobs.fetch(blob).read_bytes() == content
    assert bucket.names() == [f"generated-assets/{storage_name(owner.pk, blob)}"]


def test_unreachable_bucket_is_trouble_that_passes(bucket, owner, tmp_path, settings):
    options = {**settings.STORAGES["generated-assets"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = {
        **settings.STORAGES,
        "generated-assets": {**settings.STORAGES["generated-assets"], "OPTIONS": options},
    }

    with pytest.raises(Transient) as raised:
        UserBlobs(owner.pk, tmp_path).put_bytes(b"x", ".txt")

    assert raised.value.code == "storage_unavailable"


@pytest.mark.parametrize("ask", ["exists", "size", "get_modified_time", "delete"])
def test_refused_key_is_named_without_its_secret(bucket, monkeypatch, ask):
    from botocore.exceptions import ClientError

    def refuse(self, name):
        raise ClientError({"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "Head")

    monkeypatch.setattr(f"storages.backends.s3.S3Storage.{ask}", refuse)

    with pytest.raises(StorageUnavailable, match=r"^a\.txt: AccessDenied$"):
        getattr(storages["temp-processing"], ask)("a.txt")


@pytest.mark.parametrize("name", PRIVATE_STORAGES)
def test_storages_share_the_bucket_under_prefixes_of_their_own(bucket, name):
    storages[name].save("a/b.txt", ContentFile(b"words"))

    assert bucket.names() == [f"{name}/a/b.txt"]


def test_bucket_without_its_keys_is_an_error_at_start(monkeypatch, tmp_path):
    monkeypatch.setenv("S3_BUCKET", "films")

    with pytest.raises(ImproperlyConfigured, match="S3_ACCESS_KEY_ID"):
        storage_settings.storages(tmp_path)


@pytest.mark.parametrize(
    ("region", "endpoint", "origin"),
    [
        ("", "", "https://films.s3.us-east-1.amazonaws.com"),
        ("eu-west-1", "", "https://films.s3.eu-west-1.amazonaws.com"),
        ("", "https://r2.example", "https://r2.example"),
        ("eu", "http://minio.example:9000", "http://minio.example:9000"),
    ],
)
def test_pages_may_show_what_links_into_the_bucket_lead_to(monkeypatch, tmp_path, region, endpoint, origin):
    given = {**ENVIRONMENT, "S3_BUCKET": "films", "S3_REGION": region, "S3_ENDPOINT_URL": endpoint}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    options = storage_settings.storages(tmp_path)["generated-assets"]["OPTIONS"]

    link = BucketStorage(**options).url("a/film.mp4")

    assert storage_settings.media_origins() == (origin,)
    assert link.startswith(f"{origin}/")
