"""The fault table of the bucket: what becomes of one file written or read while S3 misbehaves, over HTTP with boto3."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages as all_storages
from django.utils import timezone

from apps.billing.queries import balance
from apps.pipeline.actions import retry_video
from apps.pipeline.blobs import UserBlobs, is_kept, storage_name
from apps.pipeline.contracts import Blob
from apps.pipeline.models import Artifact, Asset, Job
from apps.pipeline.providers.errors import Transient
from apps.pipeline.states import JobState
from canvascast.settings.storage import storages
from canvascast.storages import ManyFiles, StorageUnavailable, many_files
from tests.engine.conftest import start
from tests.engine.test_runner import run
from tests.media.conftest import ENVIRONMENT
from tests.wire.s3 import BUCKET, S3Server, other_content, refusal
from tests.wire.server import CUT, RESET, SHORT, SILENCE, Fault, Reply, WireServer, answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("R13")]

CONTENT = bytes(range(256)) * 4_000
PAGE = answer(b"<html>Welcome</html>", "text/html")
SLOW_DOWN, BROKEN, FORBIDDEN = refusal(503, "SlowDown"), refusal(500, "InternalError"), refusal(403, "AccessDenied")
OTHER = other_content(CONTENT[::-1])


@dataclass(frozen=True)
class Cell:
    """What the bucket does to the calls, in order, and how it ends: with the file (no code) or a code."""

    faults: tuple[Fault | None, ...]
    code: str
    calls: int


WRITING: dict[str, Cell] = {
    "slow down": Cell((SLOW_DOWN,), "", 2),
    "slow down, always": Cell((SLOW_DOWN,) * 3, "storage_unavailable", 3),
    "500": Cell((BROKEN,), "", 2),
    "500, always": Cell((BROKEN,) * 3, "storage_unavailable", 3),
    "cut in the upload": Cell((CUT,), "", 2),
    "cut in the upload, always": Cell((CUT,) * 3, "storage_unavailable", 3),
    "silence": Cell((SILENCE,), "", 2),
    "silence, always": Cell((SILENCE,) * 3, "storage_unavailable", 3),
    "refused key": Cell((FORBIDDEN,), "storage_unavailable", 1),
    "no bucket": Cell((refusal(404, "NoSuchBucket"),), "storage_unavailable", 1),
    "wrong checksum": Cell((refusal(400, "BadDigest"),), "storage_unavailable", 1),
}
# It is asked whether there is such a file before it is read.
ASKED = (None,)
READING: dict[str, Cell] = {
    "slow down": Cell((*ASKED, SLOW_DOWN), "", 3),
    "500, always": Cell((*ASKED, *[BROKEN] * 3), "storage_unavailable", 4),
    "reset in the answer": Cell((*ASKED, RESET), "", 3),
    "reset in the answer, always": Cell((*ASKED, *[RESET] * 5), "storage_unavailable", 6),
    "cut short": Cell((*ASKED, SHORT), "", 3),
    "cut short, always": Cell((*ASKED, *[SHORT] * 5), "storage_unavailable", 6),
    "silence": Cell((*ASKED, SILENCE), "", 3),
    "refused key": Cell((FORBIDDEN,), "storage_unavailable", 1),
    "no bucket": Cell((refusal(404, ""), refusal(404, "")), "storage_unavailable", 2),
    "gone": Cell((refusal(404, ""),), "file_missing", 2),
    "gone meanwhile": Cell((*ASKED, refusal(404, "NoSuchKey")), "storage_unavailable", 2),
    "a page": Cell((PAGE,) * 4, "file_damaged", 4),
    "other content": Cell((*ASKED, OTHER), "", 4),
    "other content, always": Cell((*ASKED, OTHER, *ASKED, OTHER), "file_damaged", 4),
}
QUICK = "other content, always"
CELLS_TO_READ = [pytest.param(name, marks=() if name == QUICK else pytest.mark.slow) for name in READING]


@pytest.fixture
def s3(settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[S3Server]:
    """All storages in a bucket that waits a moment for an answer."""
    server = S3Server()
    for name, value in {**ENVIRONMENT, "S3_BUCKET": BUCKET, "S3_ENDPOINT_URL": server.url}.items():
        monkeypatch.setenv(name, value)
    hurried = {
        name: {**storage, "OPTIONS": {**storage["OPTIONS"], "read_seconds": 1.5}}
        for name, storage in storages(tmp_path).items()
        if name != "staticfiles"
    }
    settings.STORAGES = {**hurried, "staticfiles": settings.STORAGES["staticfiles"]}
    yield server
    server.close()


@pytest.fixture
def blobs(s3: S3Server, owner, tmp_path: Path) -> UserBlobs:
    return UserBlobs(owner.pk, tmp_path)


@pytest.mark.slow  # waits between boto3's tries
@pytest.mark.parametrize("name", WRITING)
def test_write_ends_as_the_table_declares(s3: S3Server, blobs: UserBlobs, name: str):
    cell = WRITING[name]
    s3.fail(*cell.faults)
    began = time.monotonic()

    code = code_of(lambda: blobs.put_bytes(CONTENT, ".bin"))

    assert (code, len(s3.calls)) == (cell.code, cell.calls)
    # What was never answered may have been stored: whole.
    assert set(s3.files.values()) <= {CONTENT}
    assert code or s3.files
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", CELLS_TO_READ)
def test_read_ends_as_the_table_declares(s3: S3Server, blobs: UserBlobs, tmp_path: Path, name: str):
    cell = READING[name]
    blob = blobs.put_bytes(CONTENT, ".bin")
    s3.calls.clear()
    s3.fail(*cell.faults)
    began = time.monotonic()

    code = code_of(lambda: blobs.fetch(blob))

    assert (code, len(s3.calls)) == (cell.code, cell.calls)
    assert [path.read_bytes() for path in tmp_path.glob("*.bin")] == ([] if code else [CONTENT])
    assert time.monotonic() - began < 20


@pytest.mark.goal("S6")
@pytest.mark.slow  # the table, with somewhere to be led to
def test_redirect_is_never_followed(s3: S3Server, blobs: UserBlobs):
    inside = WireServer({("PUT", ".*"): lambda call, found: Reply(), ("GET", ".*"): lambda call, found: Reply()})
    elsewhere = answer(b"", code=307, Location=f"{inside.url}/file")
    blob = blobs.put_bytes(CONTENT, ".bin")
    s3.fail(elsewhere, None, *ASKED, elsewhere)

    written = code_of(lambda: blobs.put_bytes(CONTENT[1:], ".bin"))
    read = code_of(lambda: blobs.fetch(blob))

    inside.close()
    assert (written, read, inside.calls) == ("storage_unavailable", "storage_unavailable", [])
    # boto3 asks the bucket which region it is in, and is content.
    assert [call.method for call in s3.calls] == ["PUT", "PUT", "HEAD", "HEAD", "GET", "HEAD"]


def code_of(work) -> str:
    try:
        work()
    except Transient as error:
        return error.code
    return ""


def test_bucket_is_asked_about_a_file_that_waits_for_its_order_but_not_at_every_letter(s3: S3Server, owner):
    never_sent = Blob("0" * 64, 9, ".flac")

    assert (is_kept(owner.pk, never_sent, asks=False), len(s3.calls)) == (True, 0)
    assert is_kept(owner.pk, never_sent, asks=True) is False
    s3.fail(FORBIDDEN)
    assert code_of(lambda: is_kept(owner.pk, never_sent, asks=True)) == "storage_unavailable"


def assets() -> ManyFiles:
    return many_files(all_storages["generated-assets"])


def fill(s3: S3Server, number: int) -> list[str]:
    """Let the bucket have so many files of somebody; return their names in order."""
    names = [f"somebody/{index:06}.txt" for index in range(number)]
    s3.files |= {f"generated-assets/{name}": b"x" for name in names}
    return names


def test_files_are_deleted_a_thousand_by_one_question_and_others_stay(s3: S3Server):
    names = fill(s3, 2100)

    assets().delete_all([*names[:2001], "somebody/gone.txt"])

    assert ([call.method for call in s3.calls], len(s3.files)) == (["POST"] * 3, 99)


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (FORBIDDEN, "AccessDenied"),
        pytest.param(refusal(404, "NoSuchBucket"), "NoSuchBucket", marks=pytest.mark.slow),
    ],
)
def test_bucket_that_deletes_nothing_is_told_in_its_word(s3: S3Server, fault: Fault, word: str):
    names = fill(s3, 2)
    s3.fail(fault)

    with pytest.raises(StorageUnavailable, match=f"somebody/000000.txt: {word}"):
        assets().delete_all(names)

    assert len(s3.files) == 2


def test_file_that_is_refused_among_others_is_told(s3: S3Server):
    names = fill(s3, 3)
    s3.kept = {"generated-assets/somebody/000001.txt"}

    with pytest.raises(StorageUnavailable, match=r"somebody/000001\.txt: AccessDenied"):
        assets().delete_all(names)

    assert set(s3.files) == s3.kept


@pytest.mark.slow  # waits between boto3's tries
@pytest.mark.parametrize("fault", [SLOW_DOWN, BROKEN, CUT, SILENCE])
def test_bucket_that_comes_back_deletes_all(s3: S3Server, fault: Fault):
    names = fill(s3, 3)
    s3.fail(fault)

    assets().delete_all(names)

    assert s3.files == {}


def test_old_files_are_told_from_new_ones_a_thousand_by_one_question(s3: S3Server):
    names = fill(s3, 2500)
    fill_up_others(s3)
    new = "somebody/000007.txt"
    s3.written[f"generated-assets/{new}"] = f"{timezone.now():%Y-%m-%dT%H:%M:%S.000Z}"
    asked, old = [*names[5:1500:2], "somebody/gone.txt"], []

    while asked:
        found, number = assets().older_of(asked, timezone.now() - timedelta(days=1))
        old, asked = old + found, asked[number:]

    assert old == [name for name in names[5:1500:2] if name != new]
    assert [call.method for call in s3.calls] == ["GET"] * 3


def fill_up_others(s3: S3Server) -> None:
    """So that a question about the last of somebody's files is answered with many of others."""
    s3.files |= {f"generated-assets/someone/{index:06}.txt": b"x" for index in range(1200)}


@pytest.mark.slow  # names of another shape than ours
def test_one_name_is_looked_at_even_if_the_answer_ends_before_it(s3: S3Server):
    s3.files |= {f"generated-assets/a/b.tx{chr(0x100 + index)}": b"x" for index in range(1001)}

    old, number = assets().older_of(["a/b.txt"], timezone.now())

    assert (old, number) == ([], 1)


@pytest.mark.slow  # waits between boto3's tries
def test_film_that_is_cut_in_a_part_is_not_there_and_leaves_no_parts(s3: S3Server, blobs: UserBlobs, tmp_path: Path):
    (tmp_path / "film.mp4").write_bytes(CONTENT * 9)
    s3.fail(None, *[CUT] * 3)

    with pytest.raises(Transient) as raised:
        blobs.put(tmp_path / "film.mp4", ".mp4")

    assert (raised.value.code, s3.files, s3.uploads) == ("storage_unavailable", {}, {})


@pytest.mark.slow  # waits between boto3's tries
def test_film_that_is_cut_once_comes_back_whole(s3: S3Server, blobs: UserBlobs, tmp_path: Path):
    (tmp_path / "film.mp4").write_bytes(CONTENT * 9)
    s3.fail(None, CUT, None)

    blob = blobs.put(tmp_path / "film.mp4", ".mp4")
    s3.fail(None, None, RESET)

    assert blobs.fetch(blob).read_bytes() == CONTENT * 9


@pytest.mark.slow  # waits between boto3's tries
@pytest.mark.parametrize("fault", [SLOW_DOWN, CUT, FORBIDDEN], ids=["slow down", "cut", "forbidden"])
def test_bucket_that_comes_back_costs_a_video_nothing(s3: S3Server, trivial, owner, fault: Fault):
    s3.fail(*[fault] * 3)

    job = run(start(owner, "one two three"))

    assert (job.state, sorted(s3.files.values())) == (JobState.READY, [b"ONE", b"THREE", b"TWO"])


@pytest.mark.slow  # the same as one file that cannot be written, three starts long
def test_bucket_that_stays_closed_ends_a_video_and_returns_its_credits(s3: S3Server, trivial, owner):
    s3.fail(*[FORBIDDEN] * 9)

    job = run(start(owner, "one"))

    assert (job.state, job.error_code) == (JobState.FAILED, "storage_unavailable")
    assert "Our file storage could not be reached for a while." in job.error_message
    assert (balance(owner.pk).available, balance(owner.pk).held, s3.files) == (100, 0, {})


@pytest.mark.slow  # one of the table's cells, and its words
def test_refusal_is_told_in_the_word_of_the_bucket_and_without_a_secret(s3: S3Server, blobs: UserBlobs, owner):
    s3.fail(FORBIDDEN)

    with pytest.raises(Transient) as raised:
        blobs.put_bytes(b"x", ".txt")

    assert isinstance(raised.value.__cause__, StorageUnavailable)
    assert str(raised.value).endswith(".txt: AccessDenied")
    assert "testing" not in str(raised.value)


@pytest.mark.slow  # one of the table's cells in two videos
def test_damaged_file_fails_one_video_and_is_made_anew_by_the_next(s3: S3Server, trivial, owner):
    made = run(start(owner, "one two"))
    damage(s3, made, "0.txt")

    failed = run(start(owner, "one two"))
    again = run(retry_video(job=failed, by=owner, at=timezone.now()))

    assert (failed.state, failed.error_code) == (JobState.FAILED, "file_damaged")
    assert again.state == JobState.READY
    assert sorted(s3.files.values()) == [b"ONE", b"TWO"]


@pytest.mark.slow  # one of the table's cells, and what it leads to
def test_missing_bucket_is_no_lost_work(s3: S3Server, trivial, owner, tmp_path: Path):
    job = run(start(owner, "one two"))
    asset = Asset.objects.get(job=job, filename="0.txt")
    s3.is_there = False

    with pytest.raises(Transient) as raised:
        UserBlobs(owner.pk, tmp_path).fetch(Blob(asset.sha256, asset.size_bytes, ".txt"))

    assert raised.value.code == "storage_unavailable"
    assert not Artifact.objects.filter(content="lost").exists()


def damage(s3: S3Server, job: Job, filename: str) -> None:
    """Let a file keep its name and length and have another content."""
    asset = Asset.objects.get(job=job, filename=filename)
    blob = Blob(asset.sha256, asset.size_bytes, f".{filename.rpartition('.')[2]}")
    s3.files[f"generated-assets/{storage_name(job.user_id, blob)}"] = b"?" * asset.size_bytes
