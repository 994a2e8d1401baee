"""A script that the user read themselves: sent once on the create page, kept with the order, gone with the video."""

from __future__ import annotations

import io
import uuid
import wave
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from apps.pipeline import left_files
from apps.pipeline.actions import cancel_video, delete_project, retry_video
from apps.pipeline.blobs import storage_name
from apps.pipeline.codec import from_json, to_json
from apps.pipeline.contracts import Brief, Recording
from apps.pipeline.models import Job
from apps.pipeline.recordings import GONE, MANY_RECORDINGS, ticket_of
from apps.pipeline.states import JobState
from tests.pages.test_create import counted, words_of

pytestmark = pytest.mark.django_db

SCRIPT = "Cats purr when they are calm, and sometimes when they are hurt. Nobody knows quite why, but it soothes them."
ASKED_FOR = "Add the file of your recording. Its price is shown once it is sent, before anything is charged."
UNREADABLE = "This file cannot be played as sound. Use an MP3, WAV, FLAC, Ogg, M4A or AAC recording."


def sound(seconds: float = 8.0, pitch: float = 220.0) -> SimpleUploadedFile:
    moments = np.arange(round(seconds * 8_000)) / 8_000
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes((np.sin(2 * np.pi * pitch * moments) * 9_000).astype("<i2").tobytes())
    return SimpleUploadedFile("me.wav", content.getvalue(), "audio/wav")


def form(**changed: object) -> dict[str, object]:
    sent = {"way": "script", "transcript": SCRIPT, "voice": "recording.en", "key": str(uuid.uuid4())}
    return {**sent, **changed}


def recording_in(job: Job) -> Recording | None:
    return from_json(job.brief, Brief).recording


def ticket_in(page) -> str:
    return page.context["form"]["kept_recording"].value()


def test_the_page_offers_to_read_it_oneself_in_every_language_of_the_embedded_voices(as_user, rich_owner):
    page = as_user(rich_owner).get("/app/new", headers={"Accept-Language": "de"})

    groups = page.context["form"].fields["voice"].choices
    assert [name for name, _ in groups[:2]] == ["Deutsch", "Read it myself"]
    readings = groups[1][1]
    assert readings[0] == ("recording.de", "Read it myself: Deutsch")
    assert ("recording.en", "Read it myself: English") in readings
    assert "MP3, M4A, WAV, Ogg or FLAC, at most 200 MB and 30 minutes." in words_of(page)


def test_one_recording_too_many_is_told_at_its_field_and_the_text_stays(as_user, rich_owner, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "recording_upload": "1/h/user"}
    client = as_user(rich_owner)
    client.post("/app/new", form(recording=sound()))

    page = client.post("/app/new", form(make="1", agreed="1", recording=sound(pitch=330.0)))

    assert (page.status_code, Job.objects.count()) == (400, 0)
    assert MANY_RECORDINGS in words_of(page)
    assert f"{SCRIPT}</textarea>" in page.content.decode()
    assert not ticket_in(page)


def test_no_video_speaks_with_a_recording_unless_it_is_chosen(as_user, rich_owner):
    page = as_user(rich_owner).get("/app/new")

    assert page.context["form"]["voice"].value() == "en-us"


def test_a_recording_goes_with_the_order(as_user, rich_owner):
    as_user(rich_owner).post("/app/new", form(make="1", agreed="1", recording=sound()))

    brief = from_json(Job.objects.get().brief, Brief)
    assert (brief.voice.provider, brief.language, brief.recording.seconds) == ("recording", "en-US", 8.0)
    assert storages["generated-assets"].exists(storage_name(rich_owner.pk, brief.recording.file))


def test_its_length_makes_the_price(as_user, rich_owner):
    page = as_user(rich_owner).post("/app/new", form(recording=sound(75.0), transcript=SCRIPT * 6))

    assert (page.context["sheet"].slip.quote.length, page.context["sheet"].slip.quote.credits) == ("1 min 15 s", 2)
    assert "Your recording is kept: 1 min 15 s." in words_of(page)


def test_it_is_sent_once_and_kept_until_the_order(as_user, rich_owner):
    client = as_user(rich_owner)

    page = client.post("/app/new", form(transcript="", prompt="", recording=sound()))
    client.post("/app/new", form(make="1", agreed="1", kept_recording=ticket_in(page)))

    assert "Your recording is kept: 8 s." in words_of(page)
    assert recording_in(Job.objects.get()).seconds == 8.0


def test_the_price_is_counted_by_the_kept_recording_while_somebody_types(as_user, rich_owner):
    client = as_user(rich_owner)
    ticket = ticket_in(client.post("/app/new", form(recording=sound())))

    assert "About 10 s" in counted(client, form(kept_recording=ticket)).replace("&nbsp;", " ")


def test_another_recording_takes_the_kept_ones_place(as_user, rich_owner):
    client = as_user(rich_owner)
    first = ticket_in(client.post("/app/new", form(recording=sound())))

    second = client.post("/app/new", form(recording=sound(9.0), kept_recording=first))

    assert second.context["form"].taken_recording.seconds == 9.0


def test_a_kept_recording_can_be_taken_out(as_user, rich_owner):
    client = as_user(rich_owner)
    ticket = ticket_in(client.post("/app/new", form(recording=sound())))

    page = client.post("/app/new", form(kept_recording=ticket, without_recording="on"))

    assert "Your recording is kept" not in words_of(page)
    assert page.context["form"].errors == {"recording": [ASKED_FOR]}


def test_without_a_file_it_is_asked_for(as_user, rich_owner):
    page = as_user(rich_owner).post("/app/new", form(make="1"))

    assert (page.status_code, page.context["form"].errors) == (400, {"recording": [ASKED_FOR]})


def test_a_file_that_no_voice_calls_for_is_told_at_its_field(as_user, rich_owner):
    page = as_user(rich_owner).post("/app/new", form(make="1", agreed="1", voice="en-gb", recording=sound()))

    assert page.context["form"].errors == {
        "recording": ["To use this file, choose “Read it myself” as the voice. Then send it again."]
    }
    assert not Job.objects.exists()


def test_a_kept_recording_waits_while_another_voice_is_tried(as_user, rich_owner):
    client = as_user(rich_owner)
    ticket = ticket_in(client.post("/app/new", form(recording=sound())))

    page = client.post("/app/new", form(voice="en-gb", kept_recording=ticket))

    assert page.context["form"].order().recording is None
    assert ticket_in(page)


def ticket_of_lost_file(client, user) -> str:
    """Send a recording and let `prune` delete it, for nobody ordered for a day; return what the form still has."""
    page = client.post("/app/new", form(recording=sound()))
    storages["generated-assets"].delete(storage_name(user.pk, page.context["form"].taken_recording.file))
    return ticket_in(page)


def test_a_recording_that_was_deleted_while_the_form_lay_open_is_asked_for_again(as_user, rich_owner):
    client = as_user(rich_owner)
    ticket = ticket_of_lost_file(client, rich_owner)

    page = client.post("/app/new", form(make="1", agreed="1", kept_recording=ticket))

    assert (page.status_code, page.context["form"].errors, ticket_in(page)) == (400, {"recording": [GONE]}, "")
    assert "Your recording is kept" not in words_of(page)
    assert not Job.objects.exists()


def test_who_types_on_after_the_recording_was_deleted_reads_so_beside_the_price(as_user, rich_owner):
    client = as_user(rich_owner)
    ticket = ticket_of_lost_file(client, rich_owner)

    assert GONE in counted(client, form(kept_recording=ticket))


def test_a_deleted_recording_is_not_asked_for_where_another_voice_speaks(as_user, rich_owner):
    client = as_user(rich_owner)
    ticket = ticket_of_lost_file(client, rich_owner)

    page = client.post("/app/new", form(voice="en-gb", kept_recording=ticket))

    assert (page.context["form"].errors, ticket_in(page)) == ({}, "")


def test_an_idea_cannot_be_read_aloud(as_user, rich_owner):
    sent = form(way="describe", transcript="", prompt="Why do cats purr at night?", recording=sound())

    page = as_user(rich_owner).post("/app/new", sent)

    assert page.context["form"].errors == {
        "voice": ["A recording of your own goes with a script: paste the script that you read, or choose a voice."]
    }


@pytest.mark.parametrize(("seconds", "what"), [(2.0, "short"), (60.0, "long")])
def test_a_recording_that_cannot_be_of_this_script_is_refused_before_anything_is_charged(
    as_user, rich_owner, seconds, what
):
    page = as_user(rich_owner).post("/app/new", form(make="1", agreed="1", recording=sound(seconds)))

    (sentence,) = page.context["form"].errors["recording"]
    assert f"is too {what} for this script." in sentence
    assert not Job.objects.exists()


@pytest.mark.parametrize("content", [b"<html></html>", b"#EXTM3U\nfile:///etc/passwd\n"])
def test_what_is_no_sound_is_refused_at_its_field(as_user, rich_owner, content):
    sent = form(make="1", agreed="1", recording=SimpleUploadedFile("me.mp3", content))

    page = as_user(rich_owner).post("/app/new", sent)

    assert (page.status_code, page.context["form"].errors["recording"]) == (400, [UNREADABLE])
    assert not Job.objects.exists()


def test_a_ticket_of_another_user_is_no_recording(as_user, rich_owner, stranger):
    kept = as_user(stranger).post("/app/new", form(recording=sound())).context["form"].taken_recording

    page = as_user(rich_owner).post("/app/new", form(kept_recording=ticket_of(stranger.pk, kept)))

    assert page.context["form"].errors == {"recording": [ASKED_FOR]}


def test_the_same_press_twice_is_one_video(as_user, rich_owner):
    sent = form(make="1", agreed="1")

    for _ in range(2):
        as_user(rich_owner).post("/app/new", {**sent, "recording": sound()})

    assert Job.objects.count() == 1


def test_there_is_no_sample_of_ones_own_reading(as_user, rich_owner):
    answer = as_user(rich_owner).post("/app/new/voice", form(), headers={"HX-Request": "true"})

    assert "The voice is yours: play your recording to hear it." in words_of(answer)


def ordered(client) -> Job:
    client.post("/app/new", form(make="1", agreed="1", recording=sound()))
    return Job.objects.select_related("project").latest("created_at")


def test_another_video_like_it_starts_with_a_voice(as_user, rich_owner):
    job = ordered(as_user(rich_owner))

    page = as_user(rich_owner).get("/app/new", {"like": str(job.project_id)})

    assert (page.context["form"]["voice"].value(), ticket_in(page)) == ("en-us", None)
    assert (page.context["form"]["speed"].value(), page.context["form"]["pace"].value()) == ("1", "normal")


def test_a_script_is_kept_when_its_recording_was_of_something_else(as_user, rich_owner):
    job = ordered(as_user(rich_owner))
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, finished_at=timezone.now())

    page = as_user(rich_owner).get("/app/new", {"like": str(job.project_id)})

    form = page.context["form"]
    assert [form[name].value() for name in ("way", "transcript", "voice")] == ["script", SCRIPT, "recording.en"]
    assert (page.context["sheet"].slip.missing, ticket_in(page), form.errors) == (ASKED_FOR, None, {})


@pytest.mark.parametrize(
    ("sent", "has_focus"),
    [({"price": "1"}, True), ({"make": "1", "agreed": "9"}, True), ({"price": "1", "transcript": ""}, False)],
)
def test_the_price_that_was_asked_for_gets_the_focus(as_user, rich_owner, sent, has_focus):
    page = as_user(rich_owner).post("/app/new", form(recording=sound(), **sent))

    assert ('<h2 id="price-title" tabindex="-1" autofocus>' in page.content.decode()) is has_focus


def test_a_stopped_video_is_tried_again_with_its_recording(as_user, rich_owner):
    job = ordered(as_user(rich_owner))
    cancel_video(job_id=job.pk, by=rich_owner, at=timezone.now())

    again = retry_video(job=job, by=rich_owner, at=timezone.now())

    assert recording_in(again) == recording_in(job)


@pytest.mark.django_db(transaction=True)
def test_a_recording_goes_with_its_last_video(as_user, rich_owner):
    first, second = ordered(as_user(rich_owner)), ordered(as_user(rich_owner))
    name = storage_name(rich_owner.pk, recording_in(first).file)
    there = []

    for job in (first, second):
        cancel_video(job_id=job.pk, by=rich_owner, at=timezone.now())
        delete_project(project=job.project, by=rich_owner, at=timezone.now())
        left_files.delete_left(rich_owner.pk)
        there.append(storages["generated-assets"].exists(name))

    assert there == [True, False]


def test_briefs_from_before_there_were_recordings_are_read(as_user, rich_owner):
    brief = to_json(from_json(ordered(as_user(rich_owner)).brief, Brief))
    del brief["recording"]

    assert from_json(brief, Brief).recording is None


def read_script(folder: Path) -> tuple[str, str]:
    (folder / "talk.txt").write_text(SCRIPT)
    (folder / "talk.wav").write_bytes(sound().read())
    return str(folder / "talk.txt"), str(folder / "talk.wav")


def test_the_command_takes_a_recording_with_a_script(tmp_path, capsys):
    script, recording = read_script(tmp_path)

    call_command("make_video", "--script", script, "--narration", recording, "--quote")

    assert "1 credit" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("prompt", "options", "sentence"),
    [
        ("Why do cats purr?", ["--narration", "{wav}"], "--narration is read from a script: give it as --script FILE."),
        ("", ["--script", "{txt}", "--narration", "{txt}"], UNREADABLE),
        ("", ["--script", "{txt}", "--narration", "nowhere.wav"], "There is no recording nowhere.wav."),
    ],
)
def test_the_command_says_what_it_cannot_use(tmp_path, prompt, options, sentence):
    script, recording = read_script(tmp_path)

    with pytest.raises(CommandError) as refusal:
        call_command("make_video", prompt, *(option.format(txt=script, wav=recording) for option in options), "--quote")

    assert (refusal.value.returncode, str(refusal.value)) == (2, sentence)
