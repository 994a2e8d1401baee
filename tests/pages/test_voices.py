"""The page of a user's own voices, and videos that are told in one."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Brief, VoiceChoice
from apps.pipeline.models import Job, VoiceProfile
from apps.pipeline.voice_learning import work_on
from tests.media.conftest import folders
from tests.media.recordings import tone
from tests.pages.conftest import give
from tests.pages.test_create import draft_of, form, words_of
from tests.wire import server as wire
from tests.wire.accounts import speaking
from tests.wire.elevenlabs import ElevenLabsServer

__all__ = ["folders"]

pytestmark = pytest.mark.django_db
PAGE = "/app/voices"


@pytest.fixture
def vendor(settings, folders, tmp_path):
    settings.SCRATCH_DIR = tmp_path / "scratch"
    with wire.serving(ElevenLabsServer()) as server, speaking(settings, elevenlabs=server):
        yield server


@pytest.fixture
def client_of_owner(as_user, owner):
    return as_user(owner)


def sent(*seconds: float, **changed: object) -> dict[str, object]:
    files = [SimpleUploadedFile(f"{each}.wav", tone(each)) for each in seconds or (1.2,)]
    return {"name": "Grandma", "language": "de", "consent": "on", "samples": files, **changed}


def learned(owner, **columns) -> VoiceProfile:
    made = {"state": "READY", "provider": "elevenlabs", "provider_voice_id": "grandmaGRANDMA1", "name": "Grandma"}
    return VoiceProfile.objects.create(user=owner, consented_at=timezone.now(), language="de", **{**made, **columns})


def test_voice_is_added_learned_and_shown(client_of_owner, owner, vendor):
    answer = client_of_owner.post(PAGE, sent(1.2, 2), follow=True)

    assert "Your recordings are here." in words_of(answer)
    assert "Waiting to be learned" in words_of(answer)
    profile = VoiceProfile.objects.get()
    assert (profile.name, profile.language, profile.samples.count()) == ("Grandma", "de", 2)
    work_on(profile.pk)
    page = words_of(client_of_owner.get(PAGE))
    assert "Deutsch, 2 recordings" in page
    assert "Ready" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": " "}, "Give the voice a name of up to 80 letters."),
        ({"consent": ""}, "Confirm that this is your voice, or that its owner agreed to this use."),
        ({"samples": []}, "Add one to 5 recordings."),
        ({"language": "xx"}, "Please choose one of these."),
        ({"samples": [SimpleUploadedFile("a.mp3", b"<html></html>")]}, "Recording 1: This file cannot be played"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_given_back(client_of_owner, vendor, changed, sentence):
    answer = client_of_owner.post(PAGE, sent(**changed))

    assert answer.status_code == 400
    assert sentence in words_of(answer)
    assert 'role="alert"' in words_of(answer)
    assert "name" in changed or 'value="Grandma"' in words_of(answer)
    assert "Please choose them again: browsers do not keep files." in words_of(answer)
    assert VoiceProfile.objects.count() == 0


def test_sixth_voice_is_refused_in_words(client_of_owner, owner, vendor):
    for _ in range(5):
        learned(owner)

    answer = client_of_owner.post(PAGE, sent())

    assert (answer.status_code, "You have 5 voices. Delete one" in words_of(answer)) == (409, True)


def test_twenty_first_upload_of_an_hour_is_refused(client_of_owner, vendor):
    answers = [client_of_owner.post(PAGE, sent(name="")) for _ in range(21)]

    assert [answer.status_code for answer in answers[-2:]] == [400, 429]
    assert "That were many uploads in a short time." in words_of(answers[-1])
    assert "That were many uploads" not in words_of(answers[-2])


def test_without_a_vendor_the_page_says_so_and_nothing_leads_to_it(client_of_owner, owner):
    learned(owner)

    page, settings_page, create_page = (
        words_of(client_of_owner.get(path)) for path in (PAGE, "/app/settings/", "/app/new")
    )

    assert "This site cannot learn voices" in page
    assert "Grandma" in page
    assert '<form class="form"' not in page
    assert PAGE not in settings_page
    assert PAGE not in create_page
    refused = client_of_owner.post(PAGE, sent())
    assert (refused.status_code, VoiceProfile.objects.count()) == (409, 1)


def test_with_a_vendor_settings_and_the_create_page_lead_to_it(client_of_owner, vendor):
    for path in ("/app/settings/", "/app/new"):
        assert f'href="{PAGE}"' in words_of(client_of_owner.get(path))


def test_privacy_page_says_where_recordings_go(client, vendor, settings):
    with_vendor = words_of(client.get("/privacy"))
    settings.CLONER = ""

    assert "are sent to ElevenLabs" in with_vendor
    assert "are sent to ElevenLabs" not in words_of(client.get("/privacy"))


def test_open_page_asks_until_nothing_will_change(client_of_owner, owner, vendor):
    profile = learned(owner, state="PENDING", provider_voice_id="")
    page = client_of_owner.get(PAGE)
    asked = f"{PAGE}?shown={page.context['version']}"

    unchanged = client_of_owner.get(asked, headers={"HX-Request": "true"})
    VoiceProfile.objects.filter(pk=profile.pk).update(state="READY", provider_voice_id="grandmaGRANDMA1")
    over = client_of_owner.get(asked, headers={"HX-Request": "true"})

    assert asked in page.content.decode()
    assert (unchanged.status_code, over.status_code) == (204, 286)
    assert "Ready" in words_of(over)
    assert "data-polls" not in words_of(over)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("voice_places_full", "The voice service has no place for another voice."),
        ("worker_lost", "The voice service had trouble for a long time."),
    ],
)
def test_voice_that_could_not_be_learned_says_why(client_of_owner, owner, vendor, code, sentence):
    learned(owner, state="FAILED", error_code=code, provider_voice_id="")

    page = words_of(client_of_owner.get(PAGE))

    assert "Not learned" in page
    assert sentence in page


def test_voice_is_deleted_after_a_question(client_of_owner, owner, vendor):
    profile = learned(owner)
    address = f"{PAGE}/{profile.pk}/delete"

    question = words_of(client_of_owner.get(address))
    assert VoiceProfile.objects.get().deleted_at is None
    answer = client_of_owner.post(address, follow=True)

    assert 'Delete “<span dir="auto">Grandma</span>”?' in question
    assert "The voice is deleted." in words_of(answer)
    assert "Grandma" not in words_of(answer)


def test_delete_pressed_twice_deletes_once_and_ends_in_the_list(client_of_owner, owner, as_user, stranger, vendor):
    address = f"{PAGE}/{learned(owner).pk}/delete"

    answers = [client_of_owner.post(address) for _ in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, PAGE)] * 2
    assert client_of_owner.get(address).status_code == 404
    assert as_user(stranger).post(address).status_code == 404


def test_stranger_finds_no_voice(as_user, owner, stranger, vendor):
    profile = learned(owner)
    client = as_user(stranger)

    assert [
        client.get(f"{PAGE}/{profile.pk}/delete").status_code,
        client.post(f"{PAGE}/{profile.pk}/delete").status_code,
    ] == [404, 404]
    assert "Grandma" not in words_of(client.get(PAGE))
    assert "Grandma" not in words_of(client.get("/app/new"))
    assert VoiceProfile.objects.get().deleted_at is None


def test_names_are_shown_as_what_they_are(client_of_owner, owner, vendor):
    learned(owner, name="<script>alert(1)</script>")

    for path in (PAGE, "/app/new"):
        page = client_of_owner.get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_own_voice_stands_first_and_tells_the_video(client_of_owner, owner, vendor, trivial):
    give(owner, 10)
    profile = learned(owner)

    page = client_of_owner.get("/app/new").content.decode()
    counted = client_of_owner.post("/app/new", form(voice=str(profile.pk)), headers={"HX-Request": "true"})
    client_of_owner.post("/app/new", form(voice=str(profile.pk), agreed="2", make="1"))

    assert page.index("Your own voices") < page.index("English – ElevenLabs")
    assert f'<option value="{profile.pk}">Grandma</option>' in page
    assert "2 credits" in words_of(counted)
    brief = from_json(Job.objects.get().brief, Brief)
    assert brief.voice == VoiceChoice("elevenlabs", "grandmaGRANDMA1", voice_profile_id=str(profile.pk))
    assert brief.language == "de"
    like = client_of_owner.get("/app/new", {"like": Job.objects.get().project_id})
    assert like.context["form"]["voice"].value() == str(profile.pk)


def test_own_voice_of_a_draft_is_restored(client_of_owner, owner, vendor):
    profile = learned(owner)

    page = client_of_owner.get("/app/new", {"draft": draft_of(owner, voice_profile_id=profile.pk)})

    assert page.context["form"]["voice"].value() == str(profile.pk)


def test_own_voice_is_tried_with_the_first_sentence(client_of_owner, owner, vendor, monkeypatch):
    monkeypatch.setattr("apps.pipeline.voice_previews.spoken_sample", lambda request: b"ID3 a sound")
    profile = learned(owner)
    vendor.voices.append({**vendor.voices[0], "voice_id": "grandmaGRANDMA1"})

    answer = client_of_owner.post("/app/new/voice", form(voice=str(profile.pk)), headers={"HX-Request": "true"})

    assert (answer.status_code, "Grandma: “" in words_of(answer)) == (200, True)
    assert len(vendor.paid) == 1


@pytest.mark.parametrize("state", ["PENDING", "PROCESSING", "FAILED"])
def test_voice_that_is_not_ready_cannot_be_chosen(client_of_owner, owner, vendor, state):
    profile = learned(owner, state=state, provider_voice_id="")

    answer = client_of_owner.post("/app/new", form(voice=str(profile.pk), agreed="2", make="1"))

    assert answer.status_code == 400
    assert Job.objects.count() == 0
