"""What the command cannot serve is refused in a sentence, with exit code 2, before anything is made."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.pipeline.models import Job
from apps.pipeline.render.fonts import missing_glyphs

pytestmark = pytest.mark.django_db

GOOD = "Why do cats purr when they are happy?"


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch):
    """A command that was not refused must not go on to wait for a worker."""

    def start_project(*arguments, **named):
        raise AssertionError("the command went on to make a video")

    monkeypatch.setattr("apps.pipeline.actions._start_project", start_project)


def refused(*arguments: object) -> str:
    """Run the command, expect exit code 2, and return what it said."""
    with pytest.raises(CommandError) as error:
        call_command("make_video", *map(str, arguments))
    assert error.value.returncode == 2
    assert Job.objects.count() == 0
    return str(error.value)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([""], "Please say what the video should be about"),
        (["   "], "Please say what the video should be about"),
        (["a"], "The prompt is too short: please write at least 10 characters."),
        (["word " * 40_000], "The prompt has 199,999 characters; 5,000 is the most."),
        (["!!! … ??? --- ,,, ;;;"], "The prompt has no words to speak."),
        (["😀😀😀😀😀😀😀😀😀😀😀😀"], "The prompt has no words to speak."),
        (["\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e"], "The prompt has no words to speak."),
        ([GOOD, "--minutes", "0"], "The length must be between 0.5 and 30 minutes."),
        ([GOOD, "--minutes=-3"], "The length must be between 0.5 and 30 minutes."),
        ([GOOD, "--minutes", "999"], "The length must be between 0.5 and 30 minutes."),
        ([GOOD, "--minutes", "nan"], "The length must be between 0.5 and 30 minutes."),
        ([GOOD, "--speed", "9"], "The speed must be between 0.5 and 2 times the normal speed."),
        ([GOOD, "--niche", "gossip"], "“gossip” is no niche we know. Choose one of: motivation, explainer"),
        ([GOOD, "--shape", "4:3"], "“4:3” is no shape we know. Choose one of: 16:9, 9:16, 1:1."),
        ([GOOD, "--captions", "comic"], "“comic” is no captions we know."),
        ([GOOD, "--voice", "nobody"], "There is no voice “nobody”."),
        ([GOOD, "--language", "tlh"], "There is no voice for the language “tlh”."),
        ([GOOD, "--voice", "fr", "--language", "en"], "The voice “fr” speaks fr"),
        ([GOOD, "--seed", "-1"], "The seed must be a whole number"),
        ([GOOD, "--music", "missing.mp3"], "There is no audio file missing.mp3."),
        ([GOOD, "--script", "missing.txt"], "Give either a prompt or --script FILE, not both."),
        (["--script", "missing.txt"], "The script missing.txt cannot be read: No such file or directory."),
    ],
)
def test_bad_argument_is_refused_in_a_sentence(arguments, sentence):
    assert refused(*arguments).startswith(sentence)


def test_script_of_a_writing_system_without_a_font_names_the_characters(tmp_path: Path):
    letters = (chr(code) for code in range(0x3FFFF, 0x10000, -1) if unicodedata.category(chr(code))[0] == "L")
    unknown = next(letter for letter in letters if missing_glyphs(letter))
    script = tmp_path / "rare.txt"
    script.write_text(f"These words are fine, but {unknown * 3} is not.")

    assert unknown in refused("--script", script)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"good words\x00then NUL and more words"])
def test_binary_script_is_refused(tmp_path: Path, content: bytes):
    script = tmp_path / "script.txt"
    script.write_bytes(content)

    assert "is not a text file" in refused("--script", script)


def test_audio_file_that_is_a_playlist_is_refused(tmp_path: Path):
    playlist = tmp_path / "music.mp3"
    playlist.write_bytes(b"ffconcat version 1.0\nfile /etc/passwd\n")

    assert refused(GOOD, "--music", playlist).startswith("The music file cannot be played.")


def test_folder_that_cannot_be_written_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")

    assert "cannot be written" in refused(GOOD, "--out", tmp_path / "file" / "video.mp4")


def test_folder_as_out_is_refused(tmp_path: Path):
    assert "is a folder" in refused(GOOD, "--out", tmp_path)


def test_place_of_the_package_as_out_is_refused(tmp_path: Path):
    out = tmp_path / "film.zip"

    assert refused(GOOD, "--out", out) == (
        f"{out} is where the package goes; --out names the file of the video, such as video.mp4."
    )


def test_remake_of_an_unknown_video_is_refused():
    with pytest.raises(CommandError) as error:
        call_command("remake", "no-such-job", "--scene", "1", "--words", "Something else.")

    assert (error.value.returncode, str(error.value)) == (2, "There is no video no-such-job.")


def test_remake_without_a_change_is_refused():
    with pytest.raises(CommandError) as error:
        call_command("remake", "no-such-job", "--scene", "1")

    assert error.value.returncode == 2


def test_retry_of_an_unknown_video_is_refused():
    with pytest.raises(CommandError) as error:
        call_command("retry_job", "no-such-job")

    assert (error.value.returncode, str(error.value)) == (2, "There is no video no-such-job.")


def test_quote_names_the_price_and_starts_nothing(capsys):
    call_command("make_video", GOOD, "--minutes", "2.5", "--niche", "history", "--quote")

    first, *parts, time = capsys.readouterr().out.splitlines()
    assert first == "At most 4 credits: about 2.5 minutes in about 21 scenes."
    assert [part.split()[0] for part in parts] == ["Script", "Voice", "Pictures", "Film"]
    assert time.startswith("Ready in ")


def test_quote_of_a_script_is_the_time_it_takes_to_say(tmp_path, capsys):
    script = tmp_path / "script.txt"
    script.write_text("This sentence has quite a number of words in it. " * 60)

    call_command("make_video", "--script", script, "--quote", "--json")

    quote = json.loads(capsys.readouterr().out)
    assert (quote["credits"], round(quote["minutes"], 1), quote["scenes"]) == (4, 3.6, 31)
