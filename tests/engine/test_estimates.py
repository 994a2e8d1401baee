"""How long a video takes is told from the videos before it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from apps.pipeline import progress
from apps.pipeline.codec import to_json
from apps.pipeline.estimates import Wait, estimate_for, waiting_time
from apps.pipeline.models import Artifact, Job, JobStep, Project
from apps.pipeline.past_videos import PastVideo, past_videos
from tests.engine.conftest import brief

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def made(user, *, minutes: float = 1.0, script: float = 10, voice: float = 30, package: float = 20, **job) -> Job:
    """Lay down a finished video whose three steps, one after the other, took that many seconds."""
    whole = script + voice + package
    project = Project.objects.create(user=user)
    found = Job.objects.create(
        **{
            "project": project,
            "user": user,
            "brief": to_json(brief("Why do cats purr?")),
            "state": "READY",
            "started_at": NOW,
            "finished_at": NOW + timedelta(seconds=whole),
            **job,
        }
    )
    begun = 0.0
    for ordinal, (step, seconds) in enumerate([("script", script), ("voice", voice), ("package", package)]):
        JobStep.objects.create(
            job=found,
            step=step,
            ordinal=ordinal,
            state="DONE",
            artifact=_artifact(found, {"duration_ms": round(minutes * 60_000)} if step == "package" else {}),
            started_at=NOW + timedelta(seconds=begun),
            finished_at=NOW + timedelta(seconds=begun + seconds),
        )
        begun += seconds
    return found


def test_finished_video_is_remembered_with_its_length_and_its_steps(trivial, owner):
    made(owner, minutes=1.5)

    assert past_videos() == (PastVideo(1.5, 60.0, {"script": 10.0, "voice": 30.0, "package": 20.0}),)


def test_video_that_reused_anything_or_changed_scenes_or_failed_tells_nothing(trivial, owner):
    reused = made(owner)
    JobStep.objects.filter(job=reused, step="script").update(reused=True)
    made(owner, changed_scenes=1)
    made(owner, state="FAILED")
    made(owner, started_at=None)

    assert past_videos() == ()


def test_only_the_newest_fifty_videos_count(trivial, owner):
    for number in range(52):
        made(owner, script=number, finished_at=NOW + timedelta(hours=number))

    assert sorted(video.steps["script"] for video in past_videos()) == list(range(2, 52))


def test_past_is_asked_for_once_a_minute_with_two_queries(trivial, owner, django_assert_num_queries):
    for _ in range(5):
        made(owner)

    with django_assert_num_queries(2):
        estimate_for(1.0)
        estimate_for(2.0)


def test_step_takes_the_median_of_like_videos_by_length(trivial, owner):
    for seconds in (10, 20, 30, 40, 90):
        made(owner, minutes=2.0, voice=seconds)

    assert estimate_for(3.0).steps == {"script": 15.0, "voice": 45.0, "package": 30.0}


def test_videos_of_another_length_count_only_while_there_are_too_few_like_it(trivial, owner):
    for _ in range(5):
        made(owner, minutes=10.0, voice=100)
    long_ones = estimate_for(1.0).steps["voice"]
    for _ in range(5):
        made(owner, minutes=1.0, voice=30)
    _forget()

    assert (long_ones, estimate_for(1.0).steps["voice"]) == (10.0, 30.0)


def test_while_four_videos_were_made_the_declared_seconds_are_believed(trivial, owner):
    for _ in range(4):
        made(owner)

    assert estimate_for(2.0).steps == {"script": 2.0, "voice": 2.0, "package": 2.0}


def test_short_video_is_not_declared_shorter_than_one_of_a_minute(trivial, owner):
    assert estimate_for(0.5) == estimate_for(1.0)


def test_wait_goes_from_the_median_to_what_nine_of_ten_took(trivial, owner):
    for package in (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110):
        made(owner, script=0, voice=0, package=package)

    wait = waiting_time(2.0)

    assert (wait.low_seconds, round(wait.high_seconds)) == (120.0, 200)


def test_wait_counts_the_videos_in_line(trivial, owner):
    for _ in range(5):
        made(owner)
    made(owner, state="RUNNING", finished_at=None, progress=50)
    made(owner, state="QUEUED", finished_at=None, started_at=None)

    assert waiting_time(1.0).low_seconds == 60 + 1.5 * 60


def test_what_is_left_counts_what_is_done_of_each_step(trivial, owner):
    for _ in range(5):
        made(owner, script=10, voice=30, package=20)

    left = estimate_for(1.0).left({"script": 1.0, "voice": 0.5})

    assert left == Wait(35.0, 35.0)


def test_steps_side_by_side_are_waited_for_once():
    estimate = estimate_for(1.0)
    without_voice = estimate.left({"script": 1.0, "voice": 1.0, "alignment": 1.0})

    assert without_voice == estimate.left({"script": 1.0})


def test_progress_weighs_steps_by_how_long_they_took(trivial, owner):
    for _ in range(5):
        made(owner, script=10, voice=30, package=60)

    assert progress.percent({"script": (1.0, None), "voice": (0.0, 0.5)}) == 10 + 13


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 0, "under a minute"),
        (20, 60, "under a minute"),
        (20, 61, "1–2 min"),
        (70, 118, "1–2 min"),
        (120, 120, "about 2 min"),
        (150, 300, "2–5 min"),
        (179, 540, "2–9 min"),
        (640, 1_100, "10–20 min"),
        (1_800, 1_800, "about 30 min"),
    ],
)
def test_wait_is_said_in_round_numbers(low, high, words):
    assert Wait(low, high).words == words


def _artifact(job: Job, payload: dict) -> Artifact:
    return Artifact.objects.create(
        user=job.user, project=job.project, key=uuid.uuid4().hex, step="x", schema_version=1, payload=payload
    )


def _forget() -> None:
    from django.core.cache import caches

    caches["process"].clear()
