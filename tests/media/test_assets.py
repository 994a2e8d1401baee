"""Who gets a file of a video, and which part of it."""

from __future__ import annotations

import email.utils
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from django.urls import reverse
from django.utils import timezone

from apps.accounts.actions import operator_account
from apps.accounts.models import User
from apps.pipeline.blobs import UserBlobs, storage_name
from apps.pipeline.codec import to_json
from apps.pipeline.contracts import Brief, VoiceChoice
from apps.pipeline.downloads import signed_download
from apps.pipeline.models import Asset, Job, Project
from apps.pipeline.sharing import share_video, stop_sharing
from canvascast.funnel.models import Fact, FactKind

pytestmark = pytest.mark.django_db
CONTENT = b"0123456789"
ANOTHER_DAY = "Thu, 01 Jan 2026 00:00:00 GMT"


def keep(owner: User, tmp_path, filename: str = "video.mp4", *, title: str = "Why cats purr", content=CONTENT) -> Asset:
    """Give the owner a project with one file."""
    suffix = filename[filename.rindex(".") :]
    blob = UserBlobs(owner.pk, tmp_path).put_bytes(content, suffix)
    project = Project.objects.create(user=owner, title=title)
    job = Job.objects.create(project=project, user=owner, brief=to_json(_BRIEF))
    return Asset.objects.create(
        job=job,
        kind="video",
        filename=filename,
        storage_name=storage_name(owner.pk, blob),
        sha256=blob.sha256,
        size_bytes=blob.size_bytes,
    )


_BRIEF = Brief(
    prompt="cats",
    niche_preset="facts",
    target_minutes=1.0,
    transcript_mode="auto",
    transcript_text="",
    language="en",
    shape="16:9",
    seed=1,
    pace="normal",
    voice=VoiceChoice(provider="espeak", voice_id="en"),
)


@pytest.fixture
def film(folders, owner, tmp_path) -> Asset:
    return keep(owner, tmp_path)


@pytest.fixture
def url(film, client, owner) -> str:
    """The film's address, with its owner logged in."""
    client.force_login(owner)
    return reverse("pipeline:asset", args=[film.pk])


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize(
    ("asked", "status", "content", "placed"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=0-2", 206, b"012", "bytes 0-2/10"),
        ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
        ("bytes=9-9", 206, b"9", "bytes 9-9/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-1", 206, b"9", "bytes 9-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=99-100", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=x-y", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
    ],
)
def test_part_that_was_asked_for_is_sent(client, url, asked, status, content, placed):
    answer = client.get(url, headers={"Range": asked} if asked else {})

    assert (answer.status_code, body(answer)) == (status, content)
    assert answer.get("Content-Range") == placed
    if status != 416:
        assert answer["Content-Length"] == str(len(content))


def test_one_byte_file_has_a_first_and_a_last_byte(client, folders, owner, tmp_path):
    tiny = keep(owner, tmp_path, content=b"x")
    client.force_login(owner)

    answer = client.get(reverse("pipeline:asset", args=[tiny.pk]), headers={"Range": "bytes=-1"})

    assert (answer.status_code, body(answer)) == (206, b"x")


@pytest.mark.parametrize(
    ("condition", "status"), [("etag", 206), ("date", 206), ('"another"', 200), (ANOTHER_DAY, 200), ("W/etag", 200)]
)
def test_changed_file_is_sent_whole_to_who_had_a_part(client, url, film, condition, status):
    whole = client.get(url)
    known = {"etag": whole["ETag"], "date": whole["Last-Modified"], "W/etag": f"W/{whole['ETag']}"}
    body(whole)

    answer = client.get(url, headers={"Range": "bytes=0-2", "If-Range": known.get(condition, condition)})

    assert answer.status_code == status
    assert email.utils.parsedate(known["date"]) is not None


def test_head_tells_the_whole_length_and_sends_nothing(client, url):
    answer = client.head(url, headers={"Range": "bytes=0-2"})

    assert (answer.status_code, answer["Content-Length"], answer["Accept-Ranges"]) == (200, "10", "bytes")
    assert body(answer) == b""


def test_known_file_is_not_sent_again(client, url, film):
    answer = client.get(url, headers={"If-None-Match": f'"{film.sha256}"'})

    assert (answer.status_code, body(answer)) == (304, b"")


def test_browser_is_told_the_type_and_not_to_guess(client, url):
    answer = client.get(url)

    assert answer["Content-Type"] == "video/mp4"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert answer["Content-Disposition"] == 'inline; filename="why-cats-purr-video.mp4"'


def test_stranger_and_unknown_file_get_the_same_answer(client, film, stranger):
    client.force_login(stranger)

    foreign = client.get(reverse("pipeline:asset", args=[film.pk]))
    unknown = client.get(reverse("pipeline:asset", args=[uuid.uuid4()]))

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content


def test_visitor_is_asked_to_log_in_whether_there_is_a_file_or_not(client, film):
    for asset_id in (film.pk, uuid.uuid4()):
        address = reverse("pipeline:asset", args=[asset_id])

        answer = client.get(address)

        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('account_login')}?next={address}"


def test_operator_s_films_play_on_a_machine_of_development_only(client, folders, db, tmp_path, settings):
    address = reverse("pipeline:asset", args=[keep(operator_account(), tmp_path).pk])

    settings.DEBUG = True
    assert client.get(address).status_code == 200
    settings.DEBUG = False
    assert client.get(address).status_code == 302


def test_staff_see_no_customer_s_film(client, film, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("staff@example.com"))

    assert client.get(reverse("pipeline:asset", args=[film.pk])).status_code == 404


def expire(film: Asset) -> None:
    Asset.objects.update(expired_at=timezone.now())


def delete_project(film: Asset) -> None:
    Project.objects.update(deleted_at=timezone.now())


def lose_file(film: Asset) -> None:
    from django.core.files.storage import storages

    storages["generated-assets"].delete(film.storage_name)


@pytest.mark.parametrize("end", [expire, delete_project, lose_file])
def test_file_that_is_gone_is_found_by_nobody(client, url, film, end):
    link = path_of(signed_download(asset=film, at=timezone.now()).url)

    end(film)

    assert client.get(url).status_code == 404
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_files_are_only_read(client, url, method):
    assert getattr(client, method)(url).status_code == 405


def path_of(url: str) -> str:
    return urlsplit(url).path


def test_signed_link_needs_no_session(client, film, settings):
    settings.SITE_URL = "https://films.example"

    link = signed_download(asset=film, at=timezone.now())

    assert link.url.startswith("https://films.example/download/")
    answer = client.get(path_of(link.url), headers={"Range": "bytes=0-2"})
    assert (answer.status_code, body(answer)) == (206, b"012")
    assert answer["Content-Disposition"] == 'attachment; filename="why-cats-purr-video.mp4"'


def test_signed_link_ends_after_fifteen_minutes(client, film):
    with time_machine.travel("2026-03-01 12:00:00Z", tick=False) as clock:
        link = signed_download(asset=film, at=timezone.now())

        clock.shift(15 * 60 - 1)
        assert client.get(path_of(link.url)).status_code == 200
        clock.shift(3)
        assert client.get(path_of(link.url)).status_code == 404
    assert link.expires_at.isoformat() == "2026-03-01T12:15:00+00:00"


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: uuid.uuid4().hex + token[32:],
        lambda token: token.split(":")[0],
        lambda token: "x",
        lambda token: token.replace(token.split(":")[1], "zzzzzz"),
    ],
)
def test_forged_link_is_not_found(client, film, forge):
    token = signed_download(asset=film, at=timezone.now()).url.rpartition("/")[2]

    assert client.get(reverse("pipeline:download", args=[forge(token)])).status_code == 404


def test_token_of_another_purpose_opens_nothing(client, film):
    from django.core.signing import TimestampSigner

    token = TimestampSigner(salt="another").sign(film.pk.hex)

    assert client.get(reverse("pipeline:download", args=[token])).status_code == 404


@pytest.mark.goal("S7")
@pytest.mark.parametrize(
    ("title", "filename", "saved"),
    [
        ("", "assets.zip", "canvascast-assets.zip"),
        ("../../etc/passwd", "video.mp4", "etcpasswd-video.mp4"),
        ('a"; filename="evil.exe', "video.mp4", "a-filenameevilexe-video.mp4"),
        ("line\r\nSet-Cookie: a=b", "video.mp4", "line-set-cookie-ab-video.mp4"),
        ("Über Katzen 日本語", "images/scene_001.png", "uber-katzen-scene_001.png"),
        ("日本語", "audio.mp3", "canvascast-audio.mp3"),
        ("long " * 40, "thumbnails/thumbnail_540.jpg", "long-" * 9 + "long-thumbnail_540.jpg"),
    ],
)
def test_hostile_title_is_saved_under_a_plain_name(client, folders, owner, tmp_path, title, filename, saved):
    kept = keep(owner, tmp_path, filename, title=title)

    answer = client.get(path_of(signed_download(asset=kept, at=timezone.now()).url))

    assert answer["Content-Disposition"] == f'attachment; filename="{saved}"'


def test_owner_may_save_what_a_page_shows(client, url):
    assert client.get(f"{url}?download")["Content-Disposition"] == 'attachment; filename="why-cats-purr-video.mp4"'


@pytest.fixture
def film_in_bucket(bucket, owner, client, tmp_path) -> Asset:
    client.force_login(owner)
    return keep(owner, tmp_path)


def presigned(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_owner_is_sent_to_a_short_private_link_into_the_bucket(client, film_in_bucket, bucket):
    answer = client.get(reverse("pipeline:asset", args=[film_in_bucket.pk]))

    link = presigned(answer["Location"])
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "private, no-store"
    assert link["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert link["X-Amz-Expires"] == "900"
    assert link["response-content-type"] == "video/mp4"
    assert link["response-content-disposition"] == 'inline; filename="why-cats-purr-video.mp4"'
    assert answer["Location"].startswith(bucket.address)
    fetched = requests.get(answer["Location"], headers={"Range": "bytes=-3"}, timeout=5)
    assert (fetched.status_code, fetched.content) == (206, b"789")


def test_program_is_given_the_bucket_s_own_link(film_in_bucket, bucket):
    link = signed_download(asset=film_in_bucket, at=timezone.now())

    fetched = requests.get(link.url, timeout=5)
    assert presigned(link.url)["X-Amz-Expires"] == "900"
    assert fetched.content == CONTENT
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="why-cats-purr-video.mp4"'


def test_link_into_the_bucket_counts_as_a_download_when_it_is_given(film_in_bucket):
    for _ in range(2):
        signed_download(asset=film_in_bucket, at=timezone.now())

    assert [fact.detail for fact in Fact.objects.filter(kind=FactKind.DOWNLOADED)] == [film_in_bucket.kind]


def test_head_is_sent_to_a_link_signed_for_head(client, film_in_bucket):
    address = reverse("pipeline:asset", args=[film_in_bucket.pk])

    assert client.head(address)["Location"] != client.get(address)["Location"]


def test_subtitles_in_the_bucket_come_from_this_site(client, bucket, owner, tmp_path):
    captions = keep(owner, tmp_path, "captions.vtt", content=b"WEBVTT\n")
    client.force_login(owner)

    answer = client.get(reverse("pipeline:asset", args=[captions.pk]))

    assert (answer.status_code, answer.content) == (200, b"WEBVTT\n")
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"


def test_stranger_gets_no_link_into_the_bucket(client, film_in_bucket, stranger):
    client.force_login(stranger)

    assert client.get(reverse("pipeline:asset", args=[film_in_bucket.pk])).status_code == 404


def shared_at(asset: Asset) -> str:
    """Share the video of the file; return where."""
    Job.objects.update(state="READY", progress=100, finished_at=timezone.now())
    project = asset.job.project
    return f"/v/{share_video(project=project, by=project.user, at=timezone.now()).token}"


def test_whoever_has_the_link_is_sent_to_a_short_one_into_the_bucket(client, bucket, owner, tmp_path):
    film = keep(owner, tmp_path)
    address = f"{shared_at(film)}/film.mp4"

    answer = client.get(address)

    fetched = requests.get(answer["Location"], headers={"Range": "bytes=-3"}, timeout=5)
    assert (answer.status_code, answer["Cache-Control"]) == (302, "private, no-store")
    assert presigned(answer["Location"])["X-Amz-Expires"] == "900"
    assert (fetched.status_code, fetched.content) == (206, CONTENT[-3:])
    stop_sharing(project=film.job.project, by=owner, at=timezone.now())
    assert client.get(address).status_code == 404


def test_captions_in_the_bucket_come_from_this_site_and_are_not_kept(client, bucket, owner, tmp_path):
    film = keep(owner, tmp_path)
    captions = keep(owner, tmp_path, "captions.vtt", content=b"WEBVTT\n")
    Asset.objects.filter(pk=captions.pk).update(job=film.job)

    answer = client.get(f"{shared_at(film)}/captions.vtt")

    assert (answer.status_code, answer.content) == (200, b"WEBVTT\n")
    assert answer["Cache-Control"] == "private, no-cache"
