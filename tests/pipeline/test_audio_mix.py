"""The final sound: length, loudness, ducking, priming, verdicts, the same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest

from apps.pipeline.contracts import SAMPLE_RATE, SAMPLES_PER_FRAME
from apps.pipeline.render.audio import AAC_PRIMING_SAMPLES, MusicBed, mix_audio
from apps.pipeline.render.loudness import measure
from apps.pipeline.render.narration import join_takes, write_take
from apps.pipeline.render.wav import wav_samples
from tests.pipeline.spoken import ENGLISH, say
from tests.pipeline.tones import write_wav

PAUSE_SECONDS = 4.0


@pytest.fixture(scope="module")
def narration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speech, four seconds of silence, speech."""
    folder = tmp_path_factory.mktemp("narration")
    takes = []
    for index, text in enumerate((ENGLISH[0], ENGLISH[1])):
        speech = say(text)
        takes.append(folder / f"{index}.wav")
        write_take(speech.pcm, speech.sample_rate, takes[-1])
    join_takes(takes, [False, False], folder / "joined.wav")
    samples = wav_samples(folder / "joined.wav")[:, 0]
    middle = _first_pause(samples)
    silence = np.zeros(round(PAUSE_SECONDS * SAMPLE_RATE), dtype=np.int16)
    return write_wav(folder / "narration.wav", np.concatenate([samples[:middle], silence, samples[middle:]]))


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A steady chord of 3 s on both sides: its level tells the music's gain at each moment."""
    times = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    wave_form = sum(np.sin(2 * np.pi * f * times) for f in (220.0, 330.0, 441.0)) * 6_000
    return write_wav(tmp_path / "tone.wav", np.stack([wave_form, wave_form], axis=1).astype(np.int16))


def test_mix_has_the_films_length_and_loudness(narration: Path, tone: Path, tmp_path: Path) -> None:
    frames = len(wav_samples(narration)) // SAMPLES_PER_FRAME + 20

    mixed = mix_audio(narration, MusicBed(tone, -12.0, 1.0, 1.0), frames, [(0.3, 1.0)], tmp_path)

    assert wav_samples(mixed.wav).shape == (frames * SAMPLES_PER_FRAME, 2)
    assert mixed.samples == frames * SAMPLES_PER_FRAME
    heard = measure(mixed.wav, seconds=frames / 30)
    assert (heard.lufs, heard.true_peak_db) == (mixed.loudness_lufs, mixed.true_peak_db)
    assert heard.lufs == pytest.approx(-16.0, abs=0.5)
    assert heard.true_peak_db <= -1.5
    assert [(verdict.check, verdict.passed) for verdict in mixed.verdicts] == [
        ("sound_loudness", True),
        ("sound_true_peak", True),
        ("sound_speech", True),
        ("sound_pauses", True),
    ]
    assert not (tmp_path / "premix.wav").exists()


@pytest.mark.parametrize("volume_db", [pytest.param(-18.0, marks=pytest.mark.slow), 0.0])
def test_voice_stays_12_db_above_the_music_which_rises_in_pauses(
    narration: Path, tone: Path, tmp_path: Path, volume_db: float
) -> None:
    frames = len(wav_samples(narration)) // SAMPLES_PER_FRAME
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    alone = mix_audio(narration, None, frames, [], tmp_path / "without")
    mixed = mix_audio(narration, MusicBed(tone, volume_db, 0.0, 0.0), frames, [], tmp_path / "with")

    voice, both = (wav_samples(m.wav)[:, 0].astype(float) for m in (alone, mixed))
    middle = _first_pause(wav_samples(narration)[:, 0])
    spoken = slice(SAMPLE_RATE // 2, middle - SAMPLE_RATE // 2)
    # Both mixes were levelled, each with its own gain.
    gain = np.dot(both[spoken], voice[spoken]) / np.dot(voice[spoken], voice[spoken])
    music = both - gain * voice
    silence = slice(middle + round(1.5 * SAMPLE_RATE), middle + round(3.5 * SAMPLE_RATE))
    under_speech = _db(gain * voice[spoken]) - _db(music[spoken])
    assert under_speech >= 12.0
    assert _db(music[silence]) - _db(music[spoken]) > 5.0


def test_same_inputs_give_the_same_bytes(narration: Path, tone: Path, tmp_path: Path) -> None:
    digests = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        mixed = mix_audio(narration, MusicBed(tone, -18.0, 0.5, 0.5), 120, [], tmp_path / name)
        digests.append([hashlib.sha256(p.read_bytes()).hexdigest() for p in (mixed.wav, mixed.mp3, mixed.m4a)])

    assert digests[0] == digests[1]


def test_music_fades_in_and_out(narration: Path, tone: Path, tmp_path: Path) -> None:
    frames = len(wav_samples(narration)) // SAMPLES_PER_FRAME + 150

    mixed = mix_audio(narration, MusicBed(tone, -6.0, 1.0, 2.0), frames, [], tmp_path)

    samples = wav_samples(mixed.wav)[:, 0].astype(float)
    tail = [_db(samples[-round(s * SAMPLE_RATE) :][: SAMPLE_RATE // 4]) for s in (3.0, 1.0, 0.26)]
    assert tail[0] > tail[1] + 3 > tail[2] + 9


def test_missing_voice_is_found_out_under_music(narration: Path, tone: Path, tmp_path: Path) -> None:
    middle = _first_pause(wav_samples(narration)[:, 0]) / SAMPLE_RATE

    mixed = mix_audio(narration, MusicBed(tone, -12.0, 0.0, 0.0), 450, [(0.3, 1.0), (middle + 1, middle + 2)], tmp_path)

    verdict = mixed.verdicts[2]
    assert (verdict.check, verdict.passed, verdict.where) == ("sound_speech", False, f"{middle + 1:.2f} s")


def test_long_silence_of_the_voice_is_found_out(tmp_path: Path) -> None:
    tone = (np.sin(np.arange(SAMPLE_RATE) / 7.0) * 8_000).astype(np.int16)
    narration = write_wav(tmp_path / "voice.wav", np.concatenate([tone, np.zeros(9 * SAMPLE_RATE, np.int16), tone]))

    mixed = mix_audio(narration, None, 330, [], tmp_path)

    verdict = mixed.verdicts[3]
    assert (verdict.check, verdict.passed, verdict.where) == ("sound_pauses", False, "1.00 s")


def test_aac_hides_its_priming_and_keeps_time(tmp_path: Path) -> None:
    pings = np.zeros(4 * SAMPLE_RATE, dtype=np.int16)
    ping = np.hanning(14_400) * np.sin(np.arange(14_400) / 7.0) * 20_000
    for second in range(4):
        pings[second * SAMPLE_RATE + 16_000 :][:14_400] = ping.astype(np.int16)
    mixed = mix_audio(write_wav(tmp_path / "pings.wav", pings), None, 120, [], tmp_path)

    with av.open(str(mixed.m4a)) as file:
        first = next(file.demux(audio=0))
        assert first.pts == -AAC_PRIMING_SAMPLES
    heard = _decoded(_remuxed(mixed.m4a, tmp_path / "film.mp4"))

    source = wav_samples(mixed.wav)[:, 0].astype(float)
    for second in range(4):
        span = slice(second * SAMPLE_RATE, (second + 1) * SAMPLE_RATE)
        assert _centre(heard[span]) == pytest.approx(_centre(source[span]), abs=24)


def _remuxed(source: Path, target: Path) -> Path:
    with av.open(str(source)) as file, av.open(str(target), "w", options={"movflags": "+faststart"}) as film:
        stream = film.add_stream_from_template(file.streams.audio[0])
        for packet in file.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                film.mux(packet)
    return target


def _decoded(path: Path) -> np.ndarray:
    """Decode as a player does: each frame at its timestamp."""
    samples = np.zeros(6 * SAMPLE_RATE)
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            block, place = frame.to_ndarray()[0], frame.pts
            samples[max(place, 0) : place + len(block)] = block[max(-place, 0) :]
    return samples


def _centre(samples: np.ndarray) -> float:
    power = np.square(samples)
    return float(np.sum(power * np.arange(len(samples))) / np.sum(power))


def _first_pause(samples: np.ndarray) -> int:
    """Middle of the longest run of zeros that is not at an end."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 30)
    gap = int(np.argmax(np.diff(loud)))
    return int(loud[gap]) + 400


def _db(samples: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples)) + 1e-9))
