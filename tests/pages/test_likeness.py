"""Another video with the same settings: everything chosen is chosen again; what was written only without a film."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from apps.pipeline.codec import to_json
from apps.pipeline.contracts import Brief, CaptionChoice, MusicChoice, VoiceChoice
from apps.pipeline.models import Job, Project
from apps.pipeline.states import JobState
from tests.pages.conftest import video

pytestmark = pytest.mark.django_db

CHOSEN = {
    "niche": "history",
    "minutes": "2.5",
    "shape": "9:16",
    "voice": "de",
    "speed": "1.25",
    "pace": "slow",
    "captions": "karaoke",
    "position": "top",
    "music": "ambient",
    "titles": True,
}


def brief(**changed) -> Brief:
    return Brief(
        **{
            "prompt": "How the Titanic went down",
            "niche_preset": "history",
            "target_minutes": 2.5,
            "transcript_mode": "auto",
            "transcript_text": "",
            "language": "de",
            "shape": "9:16",
            "seed": 7,
            "pace": "slow",
            "voice": VoiceChoice("espeak", "de", 1.25),
            "captions": CaptionChoice("karaoke", "top"),
            "music": MusicChoice("ambient"),
            "title": "The Titanic",
            "on_screen_titles": True,
            **changed,
        }
    )


@pytest.fixture
def like(as_user, owner):
    """Return the create page's form for another video like one made from that brief."""

    def form_of(made: Brief, **changed):
        project = Project.objects.create(user=owner)
        job = Job.objects.create(project=project, user=owner, brief=to_json(made), **changed)
        return as_user(owner).get("/app/new", {"like": job.project_id}).context["form"]

    return form_of


def test_settings_are_filled_in(like):
    form = like(brief())

    assert {name: form[name].value() for name in CHOSEN} == CHOSEN


def test_words_are_not(like):
    form = like(brief())

    assert [form[name].value() for name in ("prompt", "transcript", "title", "seed")] == [None, None, None, None]
    assert form["way"].value() == "describe"


def test_pasted_script_is_asked_for_again(like):
    assert like(brief(transcript_mode="manual"))["way"].value() == "script"


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELED])
def test_words_come_along_where_there_is_no_film(like, state):
    form = like(brief(), state=state, finished_at=timezone.now())

    assert [form[name].value() for name in ("way", "prompt", "title")] == [
        "describe",
        "How the Titanic went down",
        "The Titanic",
    ]


def test_what_could_not_be_made_has_its_price_on_the_page_at_once(as_user, owner):
    job = video(owner, state="FAILED", prompt="Why do cats purr?")

    page = as_user(owner).get("/app/new", {"like": job.project_id})

    assert page.context["sheet"].slip.quote.credits == 1
    assert not page.context["form"].errors


def test_voice_that_is_gone_is_left_to_the_form(like):
    assert like(brief(voice=VoiceChoice("espeak", "gone")))["voice"].value() == "en-us"


def test_stranger_s_missing_and_senseless_videos_are_not_found(as_user, owner, stranger):
    foreign = video(owner).project_id
    client = as_user(stranger)

    asked = [client.get("/app/new", {"like": each}).status_code for each in (foreign, uuid.uuid4(), "x", "\x00")]

    assert asked == [404, 404, 404, 404]
    assert Job.objects.count() == 1
