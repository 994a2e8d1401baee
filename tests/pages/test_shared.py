"""What anybody sees of a shared video, and what nobody does."""

from __future__ import annotations

import re
import secrets

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import storages
from django.utils import timezone

from apps.accounts.actions import close_account
from apps.pipeline.actions import delete_project
from apps.pipeline.models import Asset, Job
from apps.pipeline.share_panel import share_panel
from apps.pipeline.shared_videos import shared_video
from apps.pipeline.sharing import stop_sharing
from canvascast.api.throttles import forget_reads
from canvascast.operations.erasure import erase_user
from tests.pages.conftest import video
from tests.pages.made import lay_down_words
from tests.pages.shares import lay_down_some_files, shared

pytestmark = pytest.mark.django_db
FILES_OF_A_LINK = ("film.mp4", "captions.vtt", "poster.jpg")


@pytest.fixture(autouse=True)
def _reads_start_anew():
    forget_reads()


@pytest.fixture
def job(owner) -> Job:
    return video(owner, title="Why cats purr", prompt="canary prompt about cats", price=2, reserved=2, cost=1)


@pytest.fixture
def link(job):
    return shared(job)


@pytest.fixture
def page(client, link):
    return client.get(f"/v/{link.token}")


def words_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def addresses_of(token: str) -> list[str]:
    return [f"/v/{token}", f"/embed/{token}", *(f"/v/{token}/{name}" for name in FILES_OF_A_LINK)]


def test_anybody_watches_with_captions_words_chapters_and_descriptions(page, link):
    words = words_of(page)

    assert page.status_code == 200
    assert f'<source src="/v/{link.token}/film.mp4" type="video/mp4">' in words
    assert f'poster="/v/{link.token}/poster.jpg"' in words
    assert f'<track kind="captions" src="/v/{link.token}/captions.vtt" srclang="en"' in words
    assert "autoplay" not in words
    assert '<a class="line" href="?t=27.0#player" data-seek="27.0">' in words
    assert '<span class="time">0:12</span> <span lang="en" dir="auto">Part 2</span>' in words
    assert [scene.frame for scene in shared_video(link.token).seen] == ["01", "02", "03"]
    assert shared_video(link.token).seen[1].alt in words
    assert "Made with CanvasCast" in words


def test_chosen_moment_is_where_the_film_starts(client, link):
    for address in (f"/v/{link.token}?t=27.0", f"/embed/{link.token}?t=27.0"):
        assert f'src="/v/{link.token}/film.mp4#t=27.0"' in client.get(address).content.decode()


def test_page_tells_nothing_of_its_owner_and_nothing_they_asked_for(client, page, job, link):
    told = [
        page,
        client.get(f"/embed/{link.token}"),
        client.get("/oembed", {"url": f"http://127.0.0.1:8000/v/{link.token}"}),
    ]

    for answer in told:
        text = f"{dict(answer.headers)} {answer.content.decode()}"
        owned = (job.user.email, str(job.user_id), str(job.project_id), str(job.pk), "canary", "credit", "/app/")
        assert [word for word in owned if word in text] == []


def test_video_without_a_title_is_not_called_by_its_owner_s_words(client, owner):
    job = video(owner, prompt="canary prompt")
    token = shared(job).token

    assert '<h1 lang="en" dir="auto">A video</h1>' in words_of(client.get(f"/v/{token}"))
    assert 'title="A video"' in share_panel(job.project, shared_video(token).player).embed_code


def test_programs_that_look_at_the_page_find_a_card_and_the_player(page, link):
    site, words = "http://127.0.0.1:8000", words_of(page)

    assert '<meta name="robots" content="noindex">' in words
    for name, content in {
        "og:title": "Why cats purr",
        "og:url": f"{site}/v/{link.token}",
        "og:image": f"{site}/v/{link.token}/poster.jpg",
        "og:video": f"{site}/embed/{link.token}",
        "og:video:width": "640",
        "og:description": "Cats purr when they rest. A purr is a sound of the throat, made slowly. Nobody knows why.",
    }.items():
        assert f'<meta property="{name}" content="{content}">' in words
    discovery = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)"', words)[1]
    assert discovery == f"{site}/oembed?url=http%3A%2F%2F127.0.0.1%3A8000%2Fv%2F{link.token}&amp;format=json"


@pytest.mark.parametrize("where", ["v", "embed"])
def test_hostile_words_are_shown_as_words(client, owner, where):
    job = video(owner, title='"><script>alert(1)</script>', language='x" onload="y')
    token = shared(job).token

    html = client.get(f"/{where}/{token}").content.decode()

    assert "<script>alert" not in html
    assert 'onload="y' not in html
    assert "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_words_of_another_language_are_marked_and_may_run_the_other_way(client, owner):
    token = shared(video(owner, title="لماذا تخرخر القطط", language="ar")).token

    words = words_of(client.get(f"/v/{token}"))

    assert '<h1 lang="ar" dir="auto">لماذا تخرخر القطط</h1>' in words
    assert '<span lang="ar" dir="auto">Nobody knows why.</span>' in words


def unknown(job: Job) -> None:
    job.project.share_links.update(token=secrets.token_urlsafe(24))


def stopped(job: Job) -> None:
    stop_sharing(project=job.project, by=job.user, at=timezone.now())


def expired(job: Job) -> None:
    Asset.objects.update(expired_at=timezone.now())


def deleted(job: Job) -> None:
    delete_project(project=job.project, by=job.user, at=timezone.now())


def closed(job: Job) -> None:
    close_account(user=job.user, at=timezone.now())


def erased(job: Job) -> None:
    erase_user(user=job.user, at=timezone.now())


def lost(job: Job) -> None:
    for name in Asset.objects.values_list("storage_name", flat=True):
        storages["generated-assets"].delete(name)


SLOW_ENDS = [pytest.param(end, marks=pytest.mark.slow) for end in (unknown, erased, lost)]


@pytest.mark.parametrize("end", [stopped, expired, deleted, closed, *SLOW_ENDS])
def test_link_that_leads_nowhere_says_the_same_whatever_the_reason(client, job, link, end):
    never = [client.get(address) for address in addresses_of("x" * 32)]

    end(job)

    for address, other in zip(addresses_of(link.token), never, strict=True):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
        assert answer.content == other.content
        assert "cats" not in answer.content.decode()
    assert "Nothing is shared here" in words_of(client.get(f"/v/{link.token}"))


@pytest.mark.parametrize("where", ["v", "embed"])
def test_guessed_link_costs_one_query_and_finds_nothing(client, where, django_assert_max_num_queries):
    for token in ("x", "x" * 32, "%00", "é", "-" * 3_000, "..%2f", "%E2%80%AE"):
        with django_assert_max_num_queries(1):
            assert client.get(f"/{where}/{token}").status_code == 404


def test_ended_link_costs_what_a_guessed_one_does(client, job, link, django_assert_num_queries):
    stopped(job)

    for token in (link.token, "x" * 32):
        for address in addresses_of(token):
            with django_assert_num_queries(1):
                client.get(address)


def test_page_costs_four_queries_and_a_file_two(client, link, django_assert_num_queries):
    for address, queries in zip(addresses_of(link.token), (4, 4, 2, 2, 2), strict=True):
        with django_assert_num_queries(queries):
            client.get(address)


def test_latest_finished_version_is_shown_and_no_other(client, owner, job, link):
    newer = Job.objects.create(
        project=job.project, user=owner, brief=job.brief, state="READY", finished_at=timezone.now(), progress=100
    )
    lay_down_words(newer, frames=(240, 240, 240))
    lay_down_some_files(newer)
    Job.objects.create(project=job.project, user=owner, brief=job.brief, state="RUNNING")
    Asset.objects.filter(job=newer, filename="video.mp4").update(sha256="1" * 64)

    film = client.get(f"/v/{link.token}/film.mp4")

    assert film["ETag"] == f'"{"1" * 64}"'
    assert "?t=16.0#player" in client.get(f"/v/{link.token}").content.decode()


def test_link_reaches_no_other_file(client, link):
    others = [
        "assets.zip",
        "script.txt",
        "captions.srt",
        "chapters.vtt",
        "video.mp4",
        "audio.mp3",
        "",
        "film",
        "FILM.MP4",
    ]

    assert {client.get(f"/v/{link.token}/{name}").status_code for name in others} == {404}


def test_files_of_a_link_need_it_still(client, job, link):
    """The owner's address of the same file stays closed to others."""
    film = Asset.objects.get(filename="video.mp4")

    assert client.get(f"/assets/{film.pk}").status_code == 302


def test_part_of_the_film_is_sent_by_its_link_and_never_kept_unasked(client, link):
    answer = client.get(f"/v/{link.token}/film.mp4", headers={"Range": "bytes=2-4"})

    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"nte")
    assert answer["Content-Range"] == "bytes 2-4/7"
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Robots-Tag"] == "noindex"


def test_film_that_a_browser_has_is_not_sent_again_while_it_is_shared(client, job, link):
    address, known = f"/v/{link.token}/film.mp4", {"If-None-Match": f'"{"0" * 64}"'}
    assert client.get(address, headers=known).status_code == 304

    stopped(job)

    assert client.get(address, headers=known).status_code == 404


def policy_of(answer) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, _, value in parts}


def test_frame_for_other_sites_may_be_framed_and_is_strict_otherwise(client, link):
    page, frame = (client.get(f"/{where}/{link.token}") for where in ("v", "embed"))

    assert policy_of(page)["frame-ancestors"] == "'none'"
    assert page["X-Frame-Options"] == "DENY"
    assert policy_of(frame) == {**policy_of(page), "frame-ancestors": "*"}
    assert "X-Frame-Options" not in frame


def test_frame_of_a_link_that_ended_may_be_framed_too(client, job, link):
    stopped(job)

    frame = client.get(f"/embed/{link.token}")

    assert (frame.status_code, policy_of(frame)["frame-ancestors"]) == (404, "*")
    assert "This video is no longer shared" in words_of(frame)


def test_frame_has_captions_and_the_way_to_what_is_said(client, link):
    words = words_of(client.get(f"/embed/{link.token}"))

    assert f'<track kind="captions" src="/v/{link.token}/captions.vtt"' in words
    assert f'<a href="http://127.0.0.1:8000/v/{link.token}" target="_blank" rel="noopener">What is said' in words


def test_nobody_gets_a_cookie_and_nothing_depends_on_one(client, link):
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "a" * 32
    client.cookies["messages"] = "x"

    for address in [*addresses_of(link.token), *addresses_of("x" * 32), "/oembed?url=x"]:
        answer = client.get(address)
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_owner_who_looks_at_their_link_sees_what_others_do(as_user, client, owner, link):
    assert as_user(owner).get(f"/v/{link.token}").content == client.get(f"/v/{link.token}").content


def test_shared_videos_are_only_read(client, db):
    for address in [*addresses_of("x" * 32), "/oembed"]:
        assert {client.generic(method, address).status_code for method in ("POST", "PUT", "PATCH", "DELETE")} == {405}


def test_pages_are_opened_so_often_a_minute_and_no_more(client, link, settings):
    settings.API_RATES = {**settings.API_RATES, "shared": "2/min"}

    answers = [client.get(f"/{where}/{link.token}") for where in ("v", "embed", "v", "embed")]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert f"You can try again in {answers[2]['Retry-After']} seconds." in words_of(answers[2])
    assert client.get(f"/v/{link.token}/poster.jpg").status_code == 200
    assert client.get("/oembed?url=x").status_code == 429


def test_files_are_sent_so_often_a_minute_and_no_more(client, link, settings):
    settings.API_RATES = {**settings.API_RATES, "shared_file": "2/min"}

    assert [client.get(f"/v/{link.token}/film.mp4").status_code for _ in range(3)] == [200, 200, 429]
