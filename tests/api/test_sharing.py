"""Sharing by program: the same link as on the page, whoever asked for it first."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.pipeline.models import Asset, Job, ShareLink
from tests.pages.conftest import video
from tests.pages.made import lay_down_words
from tests.pages.shares import lay_down_some_files


@pytest.fixture
def made(owner) -> Job:
    job = video(owner, title="Why cats purr")
    lay_down_words(job)
    lay_down_some_files(job)
    return job


@pytest.fixture
def address(made) -> str:
    return f"/api/v1/projects/{made.project_id}/share"


def test_video_is_shared_once_however_often_it_is_asked_for(program, address):
    first, second = program.post(address), program.post(address)

    token = ShareLink.objects.get().token
    assert (first.status_code, second.json()) == (200, first.json())
    assert first.json()["url"] == f"http://127.0.0.1:8000/v/{token}"
    assert first.json()["embedUrl"] == f"http://127.0.0.1:8000/embed/{token}"
    assert first.json()["embedCode"].startswith(f'<iframe src="http://127.0.0.1:8000/embed/{token}" width="640"')
    assert program.get(address).json() == first.json()


def test_link_that_is_not_there_is_not_found(program, address):
    assert program.get(address).status_code == 404
    assert not ShareLink.objects.exists()


def test_sharing_ends_and_may_end_twice(program, client, address):
    url = program.post(address).json()["url"].removeprefix("http://127.0.0.1:8000")
    assert client.get(url).status_code == 200

    answers = [program.delete(address) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert client.get(url).status_code == 404
    assert program.get(address).status_code == 404


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_stranger_finds_nothing_and_ends_nothing(program, foreign_program, address, method):
    program.post(address)

    answer = getattr(foreign_program, method)(address)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert ShareLink.objects.get().revoked_at is None


def test_video_without_a_film_is_a_conflict(program, owner):
    job = video(owner, state="FAILED")

    answer = program.post(f"/api/v1/projects/{job.project_id}/share")

    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert answer.json()["error"] == "There is no finished film of this video, so there is nothing to share."


def test_link_outlives_the_files_and_has_no_code_for_them(program, address):
    program.post(address)
    Asset.objects.update(expired_at=timezone.now())

    assert program.get(address).json()["embedCode"] is None
