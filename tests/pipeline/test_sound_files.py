"""Every call of ffmpeg: format forced, whitelists, length and size capped, nothing of a name but our own paths."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from apps.pipeline.contracts import SAMPLE_RATE, SAMPLES_PER_FRAME
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render import ffmpeg, samples
from apps.pipeline.render.audio import MusicBed, mix_audio
from apps.pipeline.render.music import transcode_music
from apps.pipeline.render.narration import encode_mp3
from apps.pipeline.render.wav import wav_samples
from canvascast.env import ROOT
from tests.pipeline.tones import write_wav

SECONDS = 2.0
OPENERS = {"apps/pipeline/render/sound_files.py"}
FLAGS = {"-nostats", "-vn", "-sn", "-dn"}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that were run, without the program."""
    made: list[list[str]] = []
    run = ffmpeg.run_child

    def noting(argv, limits, **options):
        made.append(list(argv[1:]))
        return run(argv, limits, **options)

    monkeypatch.setattr(ffmpeg, "run_child", noting)
    return made


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    times = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    return write_wav(tmp_path / "tone.wav", (9_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16))


def test_every_call_forces_formats_and_is_capped(calls: list[list[str]], tone: Path, tmp_path: Path) -> None:
    samples.transcode_sample(tone, tmp_path / "sample.wav")
    samples.transcode_reading(tone, tmp_path / "reading.wav")
    samples.compress(tmp_path / "reading.wav", tmp_path / "reading.flac")
    samples.decompress(tmp_path / "reading.flac", tmp_path / "again.wav")
    transcode_music(tone, tmp_path / "music.wav")
    encode_mp3(tone, tmp_path / "voice.mp3", seconds=SECONDS)
    frames = round(SECONDS * SAMPLE_RATE) // SAMPLES_PER_FRAME
    mix_audio(tone, MusicBed(tmp_path / "music.wav", -12.0, 0.1, 0.1), frames, [(0.1, 1.0)], tmp_path)

    assert len(calls) >= 10
    for call in calls:
        assert call[: len(ffmpeg.QUIET)] == list(ffmpeg.QUIET)
        inputs, outputs = _parts(call)
        assert inputs
        assert outputs
        for options in inputs:
            assert options["-f"] == options["-format_whitelist"] in {"wav", "flac"}
            assert options["-protocol_whitelist"] == "file"
            assert float(options["-t"]) > 0
        for target, options in outputs.items():
            assert "-f" in options
            if target.startswith("/"):
                assert float(options["-t"]) > 0
                assert int(options["-fs"]) > 0


def test_file_that_is_not_of_the_format_is_not_opened_as_another(tmp_path: Path, tone: Path) -> None:
    playlist = tmp_path / "sample.wav"
    playlist.write_bytes(b"ffconcat version 1.0\nfile tone.wav\n")

    with pytest.raises(Rejected):
        transcode_music(playlist, tmp_path / "music.wav")


@pytest.mark.parametrize("seconds", [0.5, 1.0])
def test_more_than_the_cap_is_neither_read_nor_written(seconds: float, tmp_path: Path) -> None:
    loud = np.full(10 * SAMPLE_RATE, 1_000, np.int16)

    encode_mp3(write_wav(tmp_path / "long.wav", loud), tmp_path / "cut.mp3", seconds=seconds)
    transcode_music(tmp_path / "cut.mp3", tmp_path / "cut.wav")

    heard = len(wav_samples(tmp_path / "cut.wav")) / SAMPLE_RATE
    assert seconds + 1 <= heard <= seconds + 1.2


def test_only_one_module_opens_and_writes_files_with_ffmpeg() -> None:
    """A new call cannot leave out what `sound_files` puts in."""
    found = {
        str(path.relative_to(ROOT))
        for folder in ("apps", "canvascast")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"ffmpeg.input", "ffmpeg.output"}
        # What is only measured or listed leaves no file.
        and not {"'null'", "'framecrc'"} & {ast.unparse(keyword.value) for keyword in node.keywords}
    }

    assert found == OPENERS


def _parts(call: list[str]) -> tuple[list[dict[str, str]], dict[str, dict[str, str]]]:
    """Split a command line into the options of each input and those of each output."""
    inputs: list[dict[str, str]] = []
    outputs: dict[str, dict[str, str]] = {}
    options: dict[str, str] = {}
    words = iter(call[len(ffmpeg.QUIET) :])
    for word in words:
        if word == "-i":
            inputs.append(options)
            options = {}
            next(words)
        elif word in FLAGS:
            continue
        elif word.startswith("-") and word != "-":
            options[word] = next(words)
        else:
            outputs[word] = options
            options = {}
    return inputs, outputs
