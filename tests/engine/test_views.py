"""The list of what was made from the command line."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.models import Job
from tests.admin.conftest import make_failed_job
from tests.engine.conftest import start
from tests.engine.test_runner import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(trivial, settings) -> Job:
    settings.DEBUG = True
    return run(start(operator_with_credits(), "hello wonderful world"))


def test_list_shows_a_finished_video(client, made):
    page = client.get(reverse("pipeline:dev_videos"))

    assert page.status_code == 200
    assert "Ready" in page.content.decode()


def test_failed_video_says_what_its_customer_was_told(client, db, settings):
    settings.DEBUG = True
    make_failed_job(operator_with_credits(), error_message="There was no space left to store your video.")

    assert "There was no space left" in client.get(reverse("pipeline:dev_videos")).content.decode()


def test_empty_list_says_how_to_make_the_first(client, db, settings):
    settings.DEBUG = True

    assert "make video PROMPT=" in client.get(reverse("pipeline:dev_videos")).content.decode()


def test_user_text_is_escaped_in_the_list(client, trivial, settings):
    settings.DEBUG = True
    start(operator_with_credits(), "<script>alert(1)</script> words")

    assert "<script>alert" not in client.get(reverse("pipeline:dev_videos")).content.decode()


@pytest.mark.parametrize("name", ["pipeline:dev_videos"])
def test_operator_s_videos_are_not_shown_outside_development(client, db, settings, name):
    settings.DEBUG = False

    assert client.get(reverse(name)).status_code == 404


def test_list_costs_few_queries(client, made, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get(reverse("pipeline:dev_videos"))
