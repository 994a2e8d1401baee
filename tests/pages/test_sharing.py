"""Share and Stop sharing, on the page of the owner's video."""

from __future__ import annotations

import html
import re
import secrets
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.actions import NotPossible, delete_project
from apps.pipeline.models import Asset, Job, Project, ShareLink
from apps.pipeline.sharing import end_again, share_video, stop_sharing
from tests.pages.conftest import file_of, video
from tests.pages.made import lay_down_words
from tests.pages.shares import lay_down_some_files, link_to, shared
from tests.parallel import at_once

pytestmark = pytest.mark.django_db
# Pages that share a fragment: one of them stands for the others in the short run.
SLOW_STATES = [pytest.param(state, marks=pytest.mark.slow) for state in ("FAILED", "CANCELED")]


def page_of(client: Client, job: Job) -> str:
    return " ".join(client.get(f"/app/videos/{job.project_id}").content.decode().split())


def copied(page: str, name: str) -> str:
    """Return what the field of that id gives to whoever copies it."""
    return html.unescape(re.search(rf'<textarea id="{name}".*?>(.*?)</textarea>', page)[1])


@pytest.fixture
def made(owner) -> Job:
    job = video(owner, title="Why cats purr")
    lay_down_words(job)
    lay_down_some_files(job)
    return job


def test_nothing_is_public_before_the_button_is_pressed(as_user, owner, made):
    page = page_of(as_user(owner), made)

    assert "Only you can watch this video." in page
    assert "/v/" not in page
    assert not ShareLink.objects.exists()


def test_button_makes_the_link_and_leads_back_to_it(as_user, owner, made):
    client = as_user(owner)

    answer = client.post(f"/app/videos/{made.project_id}/share")

    link = ShareLink.objects.for_user(owner).get()
    page = page_of(client, made)
    assert (answer.status_code, answer.url) == (302, f"/app/videos/{made.project_id}#share")
    assert (link.project_id, link.revoked_at, len(link.token)) == (made.project_id, None, 32)
    assert copied(page, "share-link") == f"http://127.0.0.1:8000/v/{link.token}"
    assert f'<iframe src="http://127.0.0.1:8000/embed/{link.token}" width="640"' in copied(page, "share-code")


def test_button_pressed_again_finds_the_same_link(as_user, owner, made):
    for _ in range(2):
        as_user(owner).post(f"/app/videos/{made.project_id}/share")

    assert ShareLink.objects.count() == 1


def test_stopping_ends_the_link_and_sharing_again_makes_another(as_user, owner, made):
    client, first = as_user(owner), link_to(made)

    answer = client.post(f"/app/videos/{made.project_id}/share/stop")

    first.refresh_from_db()
    assert answer.url == f"/app/videos/{made.project_id}#share"
    assert first.revoked_at is not None
    assert "Only you can watch this video." in page_of(client, made)
    assert link_to(made).token != first.token


def test_stopping_twice_changes_nothing(as_user, owner, made):
    link = link_to(made)
    stop_sharing(project=made.project, by=owner, at=timezone.now())
    ended_at = ShareLink.objects.get().revoked_at

    as_user(owner).post(f"/app/videos/{made.project_id}/share/stop")

    link.refresh_from_db()
    assert link.revoked_at == ended_at


@pytest.mark.parametrize("path", ["share", "share/stop"])
def test_stranger_is_told_the_same_as_for_a_missing_video(as_user, stranger, made, path):
    link_to(made)

    answers = [as_user(stranger).post(f"/app/videos/{found}/{path}") for found in (made.project_id, uuid.uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert ShareLink.objects.get().revoked_at is None


@pytest.mark.parametrize("path", ["share", "share/stop"])
def test_visitor_is_sent_to_log_in_and_a_link_alone_shares_nothing(client, as_user, owner, made, path):
    address = f"/app/videos/{made.project_id}/{path}"

    page = f"/app/videos/{made.project_id}"

    answer = client.post(address, headers={"Referer": f"http://testserver{page}"})

    assert answer.url == f"/accounts/login/?next={page}"
    assert as_user(owner).get(address).status_code == 405
    assert not ShareLink.objects.exists()


@pytest.mark.parametrize("state", ["RUNNING", *SLOW_STATES])
def test_video_without_a_film_is_not_shared(as_user, owner, state):
    job = video(owner, state=state)

    page = as_user(owner).post(f"/app/videos/{job.project_id}/share", follow=True)

    assert "There is no finished film of this video, so there is nothing to share." in page.content.decode()
    assert 'id="share"' not in page.content.decode()
    assert not ShareLink.objects.exists()


def test_video_whose_files_are_gone_is_not_shared(made, owner):
    Asset.objects.update(expired_at=timezone.now())

    with pytest.raises(NotPossible):
        link_to(made)


def test_deleted_video_is_not_shared_and_its_link_has_ended(made, owner):
    link = link_to(made)

    delete_project(project=made.project, by=owner, at=timezone.now())

    link.refresh_from_db()
    assert link.revoked_at is not None
    with pytest.raises(NotPossible):
        link_to(made)


def test_link_is_still_told_of_and_ended_once_the_files_are_gone(as_user, owner, made):
    link_to(made)
    Asset.objects.update(expired_at=timezone.now())

    page = page_of(as_user(owner), made)

    assert "There is no film to show now, so the link leads to a page that says so" in page
    assert "share-code" not in page
    assert "Stop sharing" in page


@pytest.mark.parametrize("state", ["RUNNING", *SLOW_STATES])
def test_sharing_can_be_stopped_while_a_newer_version_is_made_or_failed(as_user, owner, made, state):
    link_to(made)
    ended = {} if state == "RUNNING" else {"finished_at": timezone.now()}
    Job.objects.create(project=made.project, user=owner, brief=made.brief, state=state, **ended)

    page = page_of(as_user(owner), made)

    assert f'action="/app/videos/{made.project_id}/share/stop"' in page
    assert "Whoever has the link sees the last finished version" in page


def test_code_for_a_page_cannot_be_broken_out_of_by_a_title(as_user, owner):
    job = video(owner, title='"><script>alert(1)</script></textarea><b onload=x>')
    shared(job)

    page = page_of(as_user(owner), job)

    code = copied(page, "share-code")
    assert "<script>alert" not in page
    assert 'title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;/textarea&gt;&lt;b onload=x&gt;"' in code
    assert code.count("<") == 2


def test_database_keeps_one_live_link_a_video_and_no_weak_token(made, owner):
    link_to(made)

    for broken in ({"token": secrets.token_urlsafe(24)}, {"token": "short", "revoked_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ShareLink.objects.create(project=made.project, user=owner, **broken)


def test_links_ended_before_a_restore_are_ended_again(made):
    link = link_to(made)

    end_again([link.pk, uuid.uuid4()], at=timezone.now())

    link.refresh_from_db()
    assert link.revoked_at is not None


@pytest.mark.slow  # empties the database
@pytest.mark.django_db(transaction=True)
def test_button_pressed_many_times_at_once_makes_one_link():
    owner = User.objects.create_user("owner@example.com")
    job = video(owner)
    file_of(job, "video.mp4")
    project = Project.objects.get()

    links = at_once(lambda _: share_video(project=project, by=owner, at=timezone.now()).token, threads=10)

    assert set(links) == {ShareLink.objects.get().token}
