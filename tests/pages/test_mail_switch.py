"""“E-mail me when it is ready”: on the page of a video that is being made, its owner's alone."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from apps.notifications.actions import change_preferences
from apps.pipeline.actions import NotPossible
from apps.pipeline.mail_wishes import mail_switch_of, set_mail_wish
from tests.pages.conftest import video

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reachable(owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    return owner


def _words(answer) -> str:
    return " ".join(answer.content.decode().split())


def _url(job) -> str:
    return f"/app/videos/{job.project_id}/mail"


def test_new_video_follows_the_preferences(reachable):
    job = video(reachable, state="RUNNING")

    assert mail_switch_of(job, reachable).is_on

    change_preferences(user=reachable, changes={"video_ready": False}, at=timezone.now())
    assert not mail_switch_of(job, reachable).is_on


@pytest.mark.parametrize(("asked", "wish"), [("yes", True), ("no", False), ("", False)])
def test_form_turns_the_switch_and_leads_back_to_the_video(as_user, reachable, asked, wish):
    job = video(reachable, state="RUNNING")

    answer = as_user(reachable).post(_url(job), {"wanted": asked})

    job.refresh_from_db()
    assert (answer.status_code, answer.url, job.wants_mail) == (302, f"/app/videos/{job.project_id}", wish)


def test_word_about_one_video_stands_above_the_preferences(as_user, reachable):
    change_preferences(user=reachable, changes={"video_ready": False}, at=timezone.now())
    job = video(reachable, state="QUEUED")

    answer = as_user(reachable).post(_url(job), {"wanted": "yes"}, headers=HTMX)

    assert "We’ll e-mail <strong>owner@example.com</strong> when it is ready." in _words(answer)


def test_htmx_is_answered_with_the_switch_alone(as_user, reachable):
    job = video(reachable, state="RUNNING")

    answer = as_user(reachable).post(_url(job), {"wanted": "no"}, headers=HTMX)

    assert _words(answer).startswith('<form class="mail-switch" id="mail-switch" method="post"')
    assert "No e-mail when it is ready." in _words(answer)
    assert 'name="wanted" value="yes"' in _words(answer)


def test_finished_video_says_that_it_is_too_late(as_user, reachable):
    job = video(reachable, state="READY")
    client = as_user(reachable)
    sentence = "This video is finished, so there is nothing more to tell you about it."

    fragment = client.post(_url(job), {"wanted": "yes"}, headers=HTMX)
    page = client.post(_url(job), {"wanted": "yes"}, follow=True)

    job.refresh_from_db()
    assert job.wants_mail is None
    assert sentence in _words(fragment)
    assert [str(message) for message in page.context["messages"]] == [sentence]


@pytest.mark.parametrize("state", ["READY", "FAILED", "CANCELED"])
def test_wish_about_a_finished_video_is_refused(reachable, state):
    job = video(reachable, state=state)

    with pytest.raises(NotPossible):
        set_mail_wish(job=job, wanted=False, by=reachable)


def test_owner_without_a_confirmed_address_is_asked_to_confirm_it(as_user, owner):
    job = video(owner, state="RUNNING")

    answer = as_user(owner).post(_url(job), {"wanted": "yes"}, headers=HTMX)

    assert "Confirm your e-mail address</a> to be told when it is ready." in _words(answer)


def test_stranger_finds_no_switch_and_turns_none(as_user, reachable, stranger):
    job = video(reachable, state="RUNNING")

    answer = as_user(stranger).post(_url(job), {"wanted": "no"})

    job.refresh_from_db()
    assert (answer.status_code, job.wants_mail) == (404, None)


def test_visitor_is_sent_to_log_in(client, reachable):
    job = video(reachable, state="RUNNING")

    page = f"/app/videos/{job.project_id}"

    answer = client.post(_url(job), headers={"Referer": f"http://testserver{page}"})

    assert answer.url == f"/accounts/login/?next={page}"


def test_link_alone_turns_nothing(as_user, reachable):
    assert as_user(reachable).get(_url(video(reachable, state="RUNNING"))).status_code == 405


def test_switch_costs_few_queries(as_user, reachable, django_assert_max_num_queries):
    job = video(reachable, state="RUNNING")
    client = as_user(reachable)

    with django_assert_max_num_queries(8):
        client.post(_url(job), {"wanted": "no"}, headers=HTMX)
