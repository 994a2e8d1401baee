"""Voices of vendors beside the built-in ones: chosen, tried, ordered, and left out while a vendor does not answer."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from io import StringIO

import pytest
from django.core.management import call_command

from apps.pipeline.briefs import BriefRefused, Order
from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Brief, VoiceChoice
from apps.pipeline.models import Job
from apps.pipeline.offered_voices import current_offer
from apps.pipeline.quotes import brief_of
from canvascast.pages.facts import facts
from tests.pages.conftest import give
from tests.pages.test_create import draft_of, form
from tests.wire import server as wire
from tests.wire.accounts import speaking
from tests.wire.elevenlabs import HANS, RACHEL, ElevenLabsServer
from tests.wire.openai_speech import speech_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendors(settings, tmp_path):
    """Both vendors on loopback, by name."""
    settings.STORAGES = {
        **settings.STORAGES,
        "temp-processing": {
            "BACKEND": "canvascast.storages.DurableStorage",
            "OPTIONS": {"location": tmp_path, "allow_overwrite": True},
        },
    }
    with ExitStack() as stack:
        servers = {"elevenlabs": ElevenLabsServer(), "openai": speech_server()}
        for server in servers.values():
            stack.enter_context(wire.serving(server))
        stack.enter_context(speaking(settings, **servers))
        yield servers


def hear(client, **changed):
    return client.post("/app/new/voice", form(**changed), headers={"HX-Request": "true"})


def test_offer_names_each_voice_once_in_the_order_of_the_speakers(vendors):
    voices = current_offer().voices

    assert [each.key for each in voices[:5]] == [RACHEL, HANS, f"{HANS}.en", "marin", "cedar"]
    assert len({each.key for each in voices}) == len(voices)
    assert voices[-1].speaker == "espeak"


def test_page_has_the_voices_of_all_speakers_in_groups(as_user, owner, vendors):
    page = as_user(owner).get("/app/new").content.decode()

    groups = re.findall(r'<optgroup label="([^"]+)"', page)
    mine = ["English – ElevenLabs", "English – OpenAI", "English – built in"]
    assert groups[:5] == [*mine, "Read it myself", "Deutsch – ElevenLabs"]
    assert f'<option value="{RACHEL}" selected>Rachel, woman, American</option>' in page
    assert "canvascast-somebody" not in page
    assert "preview.mp3" not in page


def test_speaker_whose_list_cannot_be_read_is_left_out_alone(as_user, owner, vendors):
    vendors["elevenlabs"].fail(wire.status(500))

    page = as_user(owner).get("/app/new").content.decode()

    assert "ElevenLabs" not in page
    assert "English – OpenAI" in page


def test_voices_whose_words_nobody_here_can_time_are_not_offered(settings, vendors):
    settings.ALIGNERS = ["speaker-events"]

    assert {each.speaker for each in current_offer().voices} == {"elevenlabs", "espeak"}


def test_without_any_list_the_order_is_refused_in_words(settings, vendors):
    settings.SPEAKERS = ["elevenlabs"]
    vendors["elevenlabs"].fail(wire.status(500))

    with pytest.raises(BriefRefused, match="cannot be listed just now") as raised:
        brief_of(Order(prompt="Why do cats purr?"))

    assert raised.value.field == "voice"


@pytest.mark.parametrize(
    ("order", "choice", "language"),
    [
        ({}, VoiceChoice("elevenlabs", RACHEL), "en"),
        ({"language": "de"}, VoiceChoice("elevenlabs", HANS), "de"),
        ({"language": "el"}, VoiceChoice("openai", "marin"), "el"),
        ({"voice": "coral"}, VoiceChoice("openai", "coral"), "en"),
        ({"voice": "coral", "language": "de-AT"}, VoiceChoice("openai", "coral"), "de"),
        ({"voice": "coral.de"}, VoiceChoice("openai", "coral"), "de"),
        ({"voice": f"{HANS}.en"}, VoiceChoice("elevenlabs", HANS), "en"),
        ({"voice": "en-gb"}, VoiceChoice("espeak", "en-gb"), "en-GB"),
    ],
)
def test_brief_names_the_speaker_and_the_language(vendors, order, choice, language):
    brief = brief_of(Order(prompt="Why do cats purr?", **order))

    assert (brief.voice, brief.language) == (choice, language)


def test_voice_and_language_that_do_not_fit_are_refused(vendors):
    with pytest.raises(BriefRefused, match="speaks de, en, not “fr”"):
        brief_of(Order(prompt="Why do cats purr?", voice=HANS, language="fr"))


def test_ordered_video_is_spoken_by_the_chosen_speaker_and_its_choices_are_restored(as_user, owner, vendors, trivial):
    give(owner, 10)
    client = as_user(owner)

    sent = client.post("/app/new", form(voice="coral.de", agreed="2", make="1"))

    job = Job.objects.get()
    assert sent.url.endswith(str(job.project_id))
    brief = from_json(job.brief, Brief)
    assert (brief.voice, brief.language) == (VoiceChoice("openai", "coral"), "de")
    assert client.get("/app/new", {"like": job.project_id}).context["form"]["voice"].value() == "coral.de"


def test_draft_with_a_voice_and_a_language_is_restored(as_user, owner, vendors):
    draft = draft_of(owner, voice_id="coral", language="it")

    page = as_user(owner).get("/app/new", {"draft": draft})

    assert page.context["form"]["voice"].value() == "coral.it"


@pytest.mark.parametrize(("voice", "vendor"), [(RACHEL, "elevenlabs"), ("coral", "openai")])
def test_paid_sample_is_bought_once_and_served_by_us(as_user, owner, vendors, voice, vendor):
    client = as_user(owner)

    answers = [hear(client, voice=voice, prompt="Why do cats purr? Nobody knows.") for _ in range(2)]

    texts = [call.json.get("text") or call.json["input"] for call in vendors[vendor].paid]
    assert texts == ["Why do cats purr?"]
    address = re.search(r'src="([^"]+)"', answers[0].content.decode()).group(1)
    assert address.startswith("/app/new/voice/")
    sound = b"".join(client.get(address).streaming_content)
    assert sound[:3] == b"ID3" or sound[0] == 0xFF
    assert len(sound) > 5_000


def test_eleventh_paid_sample_of_an_hour_is_refused_and_cached_ones_still_play(as_user, owner, vendors, monkeypatch):
    monkeypatch.setattr("apps.pipeline.voice_previews.spoken_sample", lambda request: b"ID3 a sound")
    client = as_user(owner)

    answers = [hear(client, voice="coral", prompt=f"Sentence number {number}.") for number in range(11)]
    again = hear(client, voice="coral", prompt="Sentence number 3.")
    built_in = hear(client, voice="en-gb", prompt="Sentence number 99.")

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert "tried this kind of voice often in the last hour" in answers[-1].content.decode()
    assert (again.status_code, built_in.status_code) == (200, 200)
    assert len(vendors["openai"].paid) == 10


@pytest.mark.parametrize("fault", [wire.status(500), wire.SILENCE, wire.status(401), wire.answer(b"{}", "audio/pcm")])
def test_vendor_that_does_not_speak_is_said_and_nothing_is_kept(as_user, owner, vendors, fault):
    vendors["openai"].fail(fault)

    answer = hear(as_user(owner), voice="coral")

    assert answer.status_code == 503
    assert "The voice did not answer. Nothing was charged." in answer.content.decode()


def test_command_lists_the_voices_of_all_speakers(vendors):
    out = StringIO()

    call_command("voices", "--json", stdout=out)

    listed = json.loads(out.getvalue())
    assert listed[0] == {
        "key": RACHEL,
        "speaker": "elevenlabs",
        "voice_id": RACHEL,
        "name": "Rachel, woman, American",
        "language": "en",
        "script": "Latn",
    }
    assert {each["speaker"] for each in listed} == {"elevenlabs", "openai", "espeak"}


def test_pages_name_every_vendor_that_hears_the_text(vendors):
    assert facts().outside_engines == ("elevenlabs", "openai")
