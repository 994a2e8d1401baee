"""The list and the page of a video: its owner's, nobody else's."""

from __future__ import annotations

import re
import uuid

import pytest
from django.utils import timezone

from apps.billing.queries import balance
from apps.drafts.presets import preset_named
from apps.pipeline.attempt_prices import price_of_retry
from apps.pipeline.models import Artifact, Asset, Job, JobStep, Project
from tests.engine.conftest import start
from tests.pages.conftest import file_of, give, video

pytestmark = pytest.mark.django_db


def words_of(page) -> str:
    return " ".join(page.content.decode().split())


def test_visitor_is_sent_to_log_in(client):
    assert client.get("/app").url == "/accounts/login/?next=/app"


def test_empty_list_leads_to_the_first_video(as_user, owner):
    assert "Make your first video" in words_of(as_user(owner).get("/app"))


def test_empty_list_offers_three_examples_that_begin_a_video(as_user, owner):
    client = as_user(owner)

    links = re.findall(r'href="(/app/new\?example=\w+)"', client.get("/app").content.decode())

    assert len(set(links)) == 3
    for link in links:
        form = client.get(link).context["form"]
        assert form.order().prompt == preset_named(link.rpartition("=")[2]).example


def test_example_that_does_not_exist_begins_an_empty_video(as_user, owner):
    assert as_user(owner).get("/app/new?example=cooking").context["form"]["prompt"].value() is None


def test_list_with_videos_offers_no_examples(as_user, owner):
    video(owner)

    assert "?example=" not in as_user(owner).get("/app").content.decode()


def test_list_shows_each_video_once_with_its_newest_state(as_user, owner, stranger):
    failed = video(owner, state="FAILED", title="Purring")
    Job.objects.create(project=failed.project, user=owner, brief=failed.brief, state="RUNNING", progress=40)
    video(stranger, title="Not mine")

    page = as_user(owner).get("/app")

    assert [(card.title, card.state_words) for card in page.context["videos"]] == [("Purring", "Being made, 40 %")]


@pytest.mark.parametrize(
    ("state", "words", "looks"),
    [
        ("QUEUED", "Waiting to be made", "is-now"),
        ("RUNNING", "Being made, 40 %", "is-now"),
        ("READY", "Ready", "is-done"),
        ("CANCELED", "Stopped", ""),
        ("FAILED", "Could not be made", "is-wrong"),
    ],
)
def test_card_says_its_state_in_words_beside_its_colour_and_icon(as_user, owner, state, words, looks):
    video(owner, state=state, progress=40 if state == "RUNNING" else 0)

    html = words_of(as_user(owner).get("/app"))

    assert re.search(rf'<p class="state {looks}"><svg.*?</svg>{words}</p>', html)


def test_card_of_a_video_in_the_making_says_what_is_done(as_user, owner):
    video(owner, state="RUNNING", status_message="Drew 2 of 9 scenes")

    assert "Drew 2 of 9 scenes" in words_of(as_user(owner).get("/app"))


def test_card_of_a_finished_video_shows_its_still_and_length(as_user, owner):
    job = video(owner)
    still = file_of(job, "thumbnails/thumbnail_540.jpg", "thumbnail")
    packed = Artifact.objects.create(
        user=owner, project=job.project, key="k", step="package", schema_version=1, payload={"duration_ms": 88_000}
    )
    JobStep.objects.create(job=job, step="package", state="DONE", artifact=packed, ordinal=1)

    html = words_of(as_user(owner).get("/app"))

    assert f'<img src="/app/videos/{job.project_id}/pictures/{still.sha256}/640"' in html
    assert '<span class="visually-hidden">Length</span> 1:28</span>' in html
    assert f'href="/app/new?like={job.project_id}"' in html
    assert f'href="/app/videos/{job.project_id}/delete"' in html


def test_video_whose_files_were_deleted_says_so(as_user, owner):
    with_files, without = video(owner), video(owner)
    file_of(with_files, "video.mp4")
    file_of(without, "video.mp4")
    Asset.objects.filter(job=without).update(expired_at=timezone.now())

    shown = {card.project_id: (card.state_words, card.icon) for card in as_user(owner).get("/app").context["videos"]}

    assert shown == {
        with_files.project_id: ("Ready", "circle-check"),
        without.project_id: ("Files deleted", "archive-x"),
    }


def test_deleted_video_is_not_listed(as_user, owner):
    job = video(owner)
    Project.objects.filter(pk=job.project_id).update(deleted_at="2026-01-01T00:00:00Z")

    assert as_user(owner).get("/app").context["videos"] == []
    assert as_user(owner).get(f"/app/videos/{job.project_id}").status_code == 404


def test_list_has_pages(as_user, owner):
    for number in range(14):
        video(owner, title=f"Video {number}")
    client = as_user(owner)

    assert len(client.get("/app").context["videos"]) == 12
    assert len(client.get("/app?page=2").context["videos"]) == 2


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "", "\x00", "9" * 5_000])
def test_page_that_is_not_there_is_the_nearest_one(as_user, owner, page):
    video(owner)

    assert as_user(owner).get("/app", {"page": page}).status_code == 200


def test_list_costs_few_queries(as_user, owner, django_assert_max_num_queries):
    for _ in range(12):
        file_of(video(owner), "thumbnails/thumbnail_540.jpg", "thumbnail")
    client = as_user(owner)

    with django_assert_max_num_queries(6):
        client.get("/app")


def test_ready_video_plays_with_captions_and_can_be_downloaded(as_user, owner):
    job = video(owner, price=2, reserved=2, cost=1)
    film, captions = file_of(job, "video.mp4"), file_of(job, "captions.vtt", "captions")

    page = as_user(owner).get(f"/app/videos/{job.project_id}")

    html = words_of(page)
    assert f'<source src="/assets/{film.pk}" type="video/mp4">' in html
    assert f'src="/assets/{captions.pk}"' in html
    assert "http-equiv" not in html
    assert "Held 2 · used 1 · 1 back" in html


def test_job_s_id_leads_to_its_video(as_user, owner):
    job = video(owner)

    assert as_user(owner).get(f"/app/videos/{job.pk}").url == f"/app/videos/{job.project_id}"


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", "/stop"), ("post", "/retry"), ("get", "/delete"), ("post", "/delete")],
)
def test_stranger_is_told_the_same_as_for_a_missing_video(as_user, owner, stranger, method, path):
    job = video(owner, state="FAILED")
    client = as_user(stranger)

    foreign = [getattr(client, method)(f"/app/videos/{found}{path}") for found in (job.project_id, job.pk)]
    missing = getattr(client, method)(f"/app/videos/{uuid.uuid4()}{path}")

    assert {answer.status_code for answer in (*foreign, missing)} == {404}
    assert {_body(answer) for answer in foreign} == {_body(missing)}
    assert Job.objects.count() == 1
    assert Project.objects.get().deleted_at is None


@pytest.mark.parametrize("path", ["", "/stop", "/retry", "/delete"])
def test_visitor_is_sent_to_log_in_whatever_they_ask_and_back_to_where_they_asked(client, owner, path):
    page = f"/app/videos/{video(owner).project_id}"

    answer = client.post(f"{page}{path}", headers={"Referer": f"http://testserver{page}?t=3"})

    assert answer.url == f"/accounts/login/?next={page}%3Ft%3D3"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "https://example.com/app",
        "http://testserver.example.com/app",
        "http://testserver//example.com",
        "http://[::1/",
    ],
)
def test_login_after_a_form_of_no_page_of_ours_leads_to_where_every_login_does(client, owner, page):
    answer = client.post(f"/app/videos/{video(owner).project_id}/stop", headers={"Referer": page})

    assert answer.url == "/accounts/login/?next=/app/start"


def test_login_after_a_link_leads_to_the_link(client):
    answer = client.get("/app/credits", headers={"Referer": "http://testserver/pricing"})

    assert answer.url == "/accounts/login/?next=/app/credits"


@pytest.mark.parametrize("path", ["/stop", "/retry"])
def test_link_alone_changes_nothing(as_user, owner, path):
    assert as_user(owner).get(f"/app/videos/{video(owner).project_id}{path}").status_code == 405


def test_stop_ends_the_video(as_user, rich_owner, trivial):
    job = start(rich_owner, "hello wonderful world")

    as_user(rich_owner).post(f"/app/videos/{job.project_id}/stop")

    assert Job.objects.get().state == "CANCELED"


def test_stop_of_a_finished_video_says_so(as_user, owner):
    page = as_user(owner).post(f"/app/videos/{video(owner).project_id}/stop", follow=True)

    assert "This video is finished, so it cannot be stopped." in words_of(page)


def test_stop_pressed_twice_stops_once_and_raises_no_alarm(as_user, rich_owner, trivial):
    job = start(rich_owner, "hello wonderful world")
    client = as_user(rich_owner)

    pages = [client.post(f"/app/videos/{job.project_id}/stop", follow=True) for _ in range(2)]

    assert [list(page.context["messages"]) for page in pages] == [[], []]
    assert "You stopped this video." in words_of(pages[1])


def test_retry_makes_a_new_attempt(as_user, owner, trivial):
    give(owner, 5)
    failed = video(owner, state="FAILED")

    as_user(owner).post(f"/app/videos/{failed.project_id}/retry", {"agreed": price_of_retry(failed)})

    assert sorted(Job.objects.values_list("state", flat=True)) == ["FAILED", "QUEUED"]


def test_retry_pressed_twice_makes_one_attempt_and_raises_no_alarm(as_user, owner, trivial):
    give(owner, 5)
    failed = video(owner, state="FAILED")
    client, agreed = as_user(owner), {"agreed": price_of_retry(failed)}

    pages = [client.post(f"/app/videos/{failed.project_id}/retry", agreed, follow=True) for _ in range(2)]

    assert [list(page.context["messages"]) for page in pages] == [[], []]
    assert sorted(Job.objects.values_list("state", flat=True)) == ["FAILED", "QUEUED"]


def test_button_to_retry_sends_the_price_that_stands_on_it(as_user, owner, trivial):
    give(owner, 5)
    failed = video(owner, state="FAILED")

    page = as_user(owner).get(f"/app/videos/{failed.project_id}")

    assert '<input type="hidden" name="agreed" value="1">' in page.content.decode()
    assert "Try again · 1 credit" in words_of(page)


def test_retry_for_another_price_than_was_shown_starts_nothing_and_says_so(as_user, owner, trivial):
    give(owner, 5)
    failed = video(owner, state="FAILED")

    page = as_user(owner).post(f"/app/videos/{failed.project_id}/retry", {"agreed": 3}, follow=True)

    assert Job.objects.count() == 1
    assert balance(owner.pk).available == 5
    assert "This now sets aside 1 credit, not 3 as the button said." in words_of(page)


@pytest.mark.parametrize("agreed", [{}, {"agreed": ""}, {"agreed": "one"}, {"agreed": "-1"}])
def test_retry_without_a_price_starts_nothing_and_says_so(as_user, owner, trivial, agreed):
    give(owner, 5)
    failed = video(owner, state="FAILED")

    page = as_user(owner).post(f"/app/videos/{failed.project_id}/retry", agreed, follow=True)

    assert Job.objects.count() == 1
    assert "Nothing was charged; press it again." in words_of(page)


def test_retry_without_credits_says_so(as_user, owner, trivial):
    failed = video(owner, state="FAILED")

    page = as_user(owner).post(f"/app/videos/{failed.project_id}/retry", {"agreed": 1}, follow=True)

    assert Job.objects.count() == 1
    assert "This needs 1 credit; you have 0." in words_of(page)


def test_delete_asks_first(as_user, owner):
    job = video(owner, title="Purring")

    page = as_user(owner).get(f"/app/videos/{job.project_id}/delete")

    assert "Delete “Purring”?" in words_of(page)
    assert Project.objects.get().deleted_at is None


def test_delete_removes_the_video(as_user, owner):
    job = video(owner)
    client = as_user(owner)

    page = client.post(f"/app/videos/{job.project_id}/delete", follow=True)

    assert "The video is deleted." in words_of(page)
    assert client.get(f"/app/videos/{job.project_id}").status_code == 404


def test_delete_pressed_twice_deletes_once_and_ends_in_the_list(as_user, owner, stranger):
    address = f"/app/videos/{video(owner).project_id}/delete"
    client = as_user(owner)

    pages = [client.post(address, follow=True) for _ in range(2)]

    assert [page.redirect_chain for page in pages] == [[("/app", 302)]] * 2
    assert "The video is deleted." in words_of(pages[1])
    assert client.get(address).status_code == 404
    assert as_user(stranger).post(address).status_code == 404


def _body(answer) -> str:
    """What was answered, without the token of the form in it."""
    return answer.content.decode()
