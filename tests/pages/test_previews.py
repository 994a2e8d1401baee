"""Trying a voice and a caption style before anything is made."""

from __future__ import annotations

import re

import pytest
from django.core.files.storage import storages

from apps.pipeline import voice_previews
from apps.pipeline.caption_previews import frame_tokens
from apps.pipeline.providers.errors import Transient
from tests.pages.test_create import form

pytestmark = pytest.mark.django_db

MP3 = b"ID3 a sound"


@pytest.fixture
def spoken(monkeypatch, settings, tmp_path):
    """What the speaker was asked to say; it says it at once."""
    settings.STORAGES = {
        **settings.STORAGES,
        "temp-processing": {
            "BACKEND": "canvascast.storages.DurableStorage",
            "OPTIONS": {"location": tmp_path, "allow_overwrite": True},
        },
    }
    asked = []

    def speak(request):
        asked.append(request)
        return MP3

    monkeypatch.setattr(voice_previews, "spoken_sample", speak)
    return asked


def hear(client, **changed):
    return client.post("/app/new/voice", form(**changed), headers={"HX-Request": "true"})


def address_in(answer) -> str:
    return re.search(r"/app/new/voice/\w+", answer.content.decode()).group()


def test_voice_says_the_first_sentence_at_the_chosen_speed(as_user, owner, spoken):
    client = as_user(owner)

    answer = hear(client, prompt="Why do cats purr? Nobody knows.", pace="fast", speed="1.5")

    (request,) = spoken
    assert "".join(token.display + token.after for token in request.speech.tokens).strip() == "Why do cats purr?"
    assert (request.speech.voice_id, request.speech.words_per_minute) == ("en-gb", 270)
    assert "English (GB), man: “Why do cats purr?”" in answer.content.decode()
    sound = client.get(address_in(answer))
    assert (sound["Content-Type"], b"".join(sound.streaming_content)) == ("audio/mpeg", MP3)


def test_pasted_script_is_what_the_voice_says(as_user, owner, spoken):
    hear(as_user(owner), way="script", transcript="Sailors trust its light. So do we.")

    assert spoken[0].speech.tokens[0].display == "Sailors"


def test_without_scripts_the_sound_opens_by_itself(as_user, owner, spoken):
    answer = as_user(owner).post("/app/new/voice", form())

    assert answer.status_code == 302
    assert re.fullmatch(r"/app/new/voice/[0-9a-f]{64}", answer.url)


def test_same_sentence_is_spoken_once(as_user, owner, spoken):
    client = as_user(owner)

    first, second = (address_in(hear(client)) for _ in range(2))

    assert first == second
    assert len(spoken) == 1


@pytest.mark.parametrize(
    "changed", [{"voice": "en-us"}, {"speed": "1.1"}, {"pace": "slow"}, {"prompt": "Another one."}]
)
def test_another_voice_speed_or_sentence_is_another_sample(as_user, owner, spoken, changed):
    client = as_user(owner)

    assert address_in(hear(client)) != address_in(hear(client, **changed))


def test_sample_of_another_user_is_not_found(as_user, owner, stranger, spoken):
    address = address_in(hear(as_user(owner)))

    assert as_user(stranger).get(address).status_code == 404


@pytest.mark.parametrize("name", ["0", "..", "%2e%2e", "a.mp3"])
def test_sample_that_was_never_made_is_not_found(as_user, owner, name):
    assert as_user(owner).get(f"/app/new/voice/{name}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"prompt": ""}, "Write a few words first: the voice reads your first sentence."),
        ({"speed": "9"}, "Speed of the voice: Please give a number from 0.5 to 2."),
        ({"voice": "nobody"}, "Voice: Please choose one of these."),
    ],
)
def test_what_stands_in_the_way_of_a_sample_is_said_in_its_place(as_user, owner, spoken, changed, sentence):
    answer = hear(as_user(owner), **changed)

    assert answer.status_code == 400
    assert answer.content.decode().strip() == f'<p class="sample-trouble" role="alert">{sentence}</p>'
    assert spoken == []


def test_sample_asked_for_after_the_session_ended_is_answered_in_words_and_the_form_stays(client, spoken):
    answer = hear(client)

    assert (answer.status_code, "HX-Redirect" in answer, spoken) == (403, False, [])
    assert "Press the button under the price: your text comes along while you log in again." in answer.content.decode()


def test_trouble_without_scripts_is_a_page(as_user, owner, spoken):
    answer = as_user(owner).post("/app/new/voice", form(prompt=""))

    assert answer.status_code == 400
    assert "still open in its own tab" in answer.content.decode()


def test_text_that_the_voice_cannot_read_is_said(as_user, owner):
    answer = hear(as_user(owner), prompt="Почему мурлычут кошки?")

    assert answer.status_code == 400
    assert "cannot read this text. Choose a voice of the text&#x27;s own language." in answer.content.decode()


def test_voice_that_does_not_answer_is_said_and_nothing_is_kept(as_user, owner, spoken, monkeypatch):
    def fail(request):
        raise Transient("voice_bad_audio", "secret detail")

    monkeypatch.setattr(voice_previews, "spoken_sample", fail)

    answer = hear(as_user(owner))

    assert answer.status_code == 503
    assert "The voice did not answer. Nothing was charged. Please try again in a moment." in answer.content.decode()
    assert storages["temp-processing"].listdir("") == ([], [])


def test_sixteenth_sample_within_a_minute_is_refused(as_user, owner, spoken):
    client = as_user(owner)

    answers = [hear(client).status_code for _ in range(16)]

    assert answers == [200] * 15 + [429]


def test_picture_of_captions_may_be_kept_by_the_browser(as_user, owner):
    token = frame_tokens(owner.pk, "Why do cats purr?", "en", {})["boxed"]

    answer = as_user(owner).get(f"/app/new/captions/{token}")

    assert answer["Cache-Control"] == "private, max-age=86400, immutable"


def test_address_of_a_picture_works_for_its_user_alone(as_user, owner, stranger):
    token = frame_tokens(owner.pk, "Why do cats purr?", "en", {})["boxed"]

    assert as_user(stranger).get(f"/app/new/captions/{token}").status_code == 404


@pytest.mark.parametrize("token", ["x", "x:y", ".eJx:y", "%00"])
def test_forged_address_of_a_picture_is_not_found(as_user, owner, token):
    assert as_user(owner).get(f"/app/new/captions/{token}").status_code == 404


def test_same_words_have_the_same_address_and_other_choices_another(owner):
    def tokens(**chosen):
        return frame_tokens(owner.pk, "Why do cats purr? More.", "en", chosen)

    assert tokens() == tokens(position="bottom", shape="16:9", niche="explainer") == tokens(shape="4:3")
    assert tokens()["boxed"] != tokens(position="top")["boxed"]
    assert tokens()["boxed"] != frame_tokens(owner.pk, "Why do dogs bark? More.", "en", {})["boxed"]
