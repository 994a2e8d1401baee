"""The page of a finished video: what plays, what can be had, what is said, and what it cost."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from apps.billing import ledger
from apps.billing.models import Source
from apps.notifications.letters import compose
from apps.notifications.models import Event, Notification
from apps.pipeline.contracts import Package
from apps.pipeline.models import Asset, Job, Project
from apps.pipeline.ready import ready_page
from apps.pipeline.settlement import settle_ready
from tests.pages.conftest import video
from tests.pages.made import FILES, lay_down_files, lay_down_words

pytestmark = pytest.mark.django_db


def words_of(page) -> str:
    return " ".join(page.content.decode().split())


@pytest.fixture
def made(owner) -> Job:
    job = video(owner, title="Why cats purr", price=2, reserved=2, cost=1)
    lay_down_words(job)
    return job


@pytest.fixture
def page_of(as_user, owner):
    def get(job: Job, **asked):
        return as_user(owner).get(f"/app/videos/{job.project_id}", asked)

    return get


def test_film_plays_with_its_captions_and_chapters(made, page_of):
    files = lay_down_files(made)

    html = words_of(page_of(made))

    assert f'<source src="/assets/{files["video.mp4"].pk}" type="video/mp4">' in html
    assert f'poster="/assets/{files["thumbnails/thumbnail_540.jpg"].pk}"' in html
    assert f'<track kind="captions" src="/assets/{files["captions.vtt"].pk}" srclang="en"' in html
    assert f'<track kind="chapters" src="/assets/{files["chapters.vtt"].pk}" srclang="en"' in html
    assert "autoplay" not in html


def test_every_file_can_be_had_once(made, page_of):
    files = lay_down_files(made)

    html = page_of(made).content.decode()

    linked = re.findall(r'href="/assets/([0-9a-f-]+)\?download"', html)
    assert sorted(linked) == sorted(str(asset.pk) for asset in files.values())
    assert len(linked) == len(FILES)


def test_sentences_lead_to_their_moment_with_and_without_scripts(made, page_of):
    lay_down_files(made)

    page = page_of(made)

    assert [(line.clock, line.text) for scene in page.context["ready"].transcript for line in scene.lines] == [
        ("0:00", "Cats purr when they rest."),
        ("0:12", "A purr is a sound of the throat, made slowly."),
        ("0:27", "Nobody knows why."),
    ]
    assert '<a class="line" href="?t=27.0#player" data-seek="27.0">' in words_of(page)


def test_chosen_moment_is_where_the_film_starts(made, page_of):
    film = lay_down_files(made)["video.mp4"]

    assert f'src="/assets/{film.pk}#t=27.0"' in page_of(made, t="27.0").content.decode()


@pytest.mark.parametrize("moment", ["", "x", "-1", "1e9", "1.25", "999999", '1"><b>', "٣", "\x00"])
def test_moment_that_is_none_is_left_out(made, page_of, moment):
    film = lay_down_files(made)["video.mp4"]

    assert f'src="/assets/{film.pk}" type' in words_of(page_of(made, t=moment))


def test_texts_for_youtube_have_its_chapters(made, page_of):
    kit = page_of(made).context["ready"].kit

    assert kit.title == "Why cats purr"
    assert kit.chapters == "0:00 Part 1\n0:12 Part 2\n0:27 Part 3"
    assert kit.description == "A small film.\n\n0:00 Part 1\n0:12 Part 2\n0:27 Part 3"


def test_video_too_short_for_chapters_says_why(owner, page_of):
    job = video(owner)
    lay_down_words(job, frames=(240, 240, 240))

    page = page_of(job)

    assert page.context["ready"].kit.chapters == ""
    assert "This video is 24 s long; YouTube wants three chapters of 10 s each." in words_of(page)


def test_receipt_says_what_was_held_used_and_given_back(made, page_of):
    words = words_of(page_of(made))

    assert "Held 2 · used 1 · 1 back" in words
    assert "38 s of facts, a credit a started minute" in words
    assert f'href="/app/credits?video={made.project_id}"' in words


def test_mail_says_the_length_that_the_page_says(owner, page_of):
    job = video(owner)
    lay_down_words(job, frames=(900, 900, 858))
    settle_ready(job, Package((), (), 88_600, "Why cats purr"), at=timezone.now())
    told = Notification.objects.get(user=owner, event=Event.VIDEO_READY)

    page, mail = page_of(job).context["ready"], compose(told, owner.email, is_repeat=False)

    assert page.length == "1 min 28 s"
    assert page.receipt.items[0].what.startswith("1 min 28 s of facts")
    assert "Length  1 min 28 s\n" in mail.body


def test_receipt_knows_the_tries_before(made, page_of):
    Job.objects.create(
        project=made.project,
        user=made.user,
        brief=made.brief,
        state="CANCELED",
        price=2,
        reserved=2,
        cost=1,
        created_at="2026-01-01T00:00:00Z",
        finished_at="2026-01-01T00:00:00Z",
    )

    words = words_of(page_of(made))

    assert "1 Jan · Stopped, 1 credit back" in words
    assert "Used for this video in all" in words


def test_video_that_cost_nothing_says_so(owner, page_of):
    assert "This video cost nothing." in words_of(page_of(video(owner)))


def test_words_stay_when_the_files_are_no_longer_kept(made, page_of):
    lay_down_files(made)
    Asset.objects.update(expired_at=datetime(2026, 11, 3, tzinfo=UTC))

    page = page_of(made)

    html = words_of(page)
    assert "The film’s files were deleted on 3 November 2026, so it cannot be played or downloaded." in html
    assert "Nobody knows why." in html
    assert "<video" not in html
    assert "?download" not in html


def test_video_without_files_can_be_made_again_for_the_price_on_its_button(made, page_of, as_user, owner):
    lay_down_files(made)
    Asset.objects.update(expired_at=timezone.now())
    ledger.grant(user_id=owner.pk, credits=5, source=Source.GIFT, reason="", key="more", at=timezone.now())
    html = words_of(page_of(made))
    agreed = re.search(r'name="agreed" value="(\d+)"', html).group(1)
    assert f"Make it again · {agreed} credit" in html

    as_user(owner).post(f"/app/videos/{made.project_id}/retry", {"agreed": agreed})

    again = Job.objects.latest("created_at")
    assert (again.project_id, again.state, again.reserved) == (made.project_id, "QUEUED", int(agreed))


def test_credits_that_are_missing_to_make_it_again_are_bought_and_lead_back(made, page_of):
    lay_down_files(made)
    Asset.objects.update(expired_at=timezone.now())

    assert f'<a href="/app/credits?back=/app/videos/{made.project_id}">See your credits</a>' in words_of(page_of(made))


def test_video_with_files_is_not_offered_again_and_says_until_when_they_are_kept(made, page_of, settings):
    lay_down_files(made)
    Project.objects.update(files_until=date(2026, 12, 6))

    html = words_of(page_of(made))
    settings.ASSET_DAYS = 0

    assert "Its files are kept until 6 December 2026." in html
    assert "Make it again" not in html
    assert "are kept until" not in words_of(page_of(made))


def test_video_whose_files_are_gone_is_not_called_ready_and_has_no_links_into_a_film(made, page_of):
    lay_down_files(made)
    links = page_of(made).content.decode().count("data-seek")

    Asset.objects.update(expired_at=timezone.now())
    html = page_of(made).content.decode()

    assert links > 2
    assert "data-seek" not in html
    assert "#player" not in html
    assert "Files deleted" in html
    assert "is-done" not in html


def test_lost_film_is_said_to_be_lost_and_not_offered(made, page_of):
    film = lay_down_files(made)["video.mp4"]
    storages["generated-assets"].delete(film.storage_name)

    html = words_of(page_of(made))

    assert "The film's file is missing from our storage, so it cannot be played." in html
    assert str(film.pk) not in html
    assert "Nobody knows why." in html


def test_content_of_another_language_is_marked(owner, page_of):
    job = video(owner, language="fr-FR")
    lay_down_words(job)

    assert '<span lang="fr-FR" dir="auto">Nobody knows why.</span>' in words_of(page_of(job))


def test_hostile_words_are_shown_as_words(owner, page_of):
    job = video(owner, title='"><script>alert(1)</script>')
    lay_down_words(job)

    html = page_of(job).content.decode()

    assert "<script>alert" not in html
    assert "‹script›alert(1)‹/script›" in page_of(job).context["ready"].kit.title


def test_another_can_be_made_with_the_same_settings(made, page_of):
    assert f'href="/app/new?like={made.project_id}"' in words_of(page_of(made))


def test_page_costs_at_most_twelve_queries(made, as_user, owner, django_assert_max_num_queries):
    lay_down_files(made)
    client = as_user(owner)

    with django_assert_max_num_queries(12):
        client.get(f"/app/videos/{made.project_id}")


def test_ready_page_is_three_queries(made, django_assert_num_queries):
    lay_down_files(made)

    with django_assert_num_queries(3):
        ready_page(made)


def test_tags_and_openings_are_there_where_a_service_wrote_them(owner, page_of):
    job = video(owner)
    lay_down_words(job, tags=("cats", "purring"), hooks=("Your cat talks <b>to you</b>.",))

    words = words_of(page_of(job))

    assert "cats, purring</textarea>" in words
    assert "<li>Your cat talks &lt;b&gt;to you&lt;/b&gt;.</li>" in words


def test_page_of_a_video_without_them_has_neither(made, page_of):
    words = words_of(page_of(made))

    assert "Tags" not in words
    assert "Openings" not in words
