"""People who read scripts aloud, played by embedded voices that no reference uses: when each word is said is known."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from apps.pipeline.contracts import SAMPLE_RATE, Token
from apps.pipeline.providers.speaker.espeak_library import Delivery, say
from apps.pipeline.providers.speaker.said_text import said_text
from apps.pipeline.providers.speaker.token_times import times_from_marks
from apps.pipeline.text.cleaning import clean_text
from apps.pipeline.text.narration import read_paragraphs
from apps.pipeline.text.scenes import split_scenes

Span = tuple[float, float]

TEXTS = {
    "en": """Every morning the harbour wakes before the town does. Nets are mended by lamplight, and someone always
sings, badly, about a girl in Lisbon. In 1912 there were 340 boats here; today there are eleven.

The sea has not changed. What changed is the price of diesel, the size of the fish, and the patience of banks.""",
    "de": """Jeden Morgen erwacht der Hafen, bevor die Stadt es tut. Netze werden im Lampenlicht geflickt, und
irgendjemand singt immer, schlecht, von einem Mädchen in Lissabon. Im Jahr 1912 gab es hier 340 Boote.

Das Meer hat sich nicht verändert. Verändert haben sich der Preis des Diesels und die Geduld der Banken.""",
    "es": """Cada mañana el puerto despierta antes que el pueblo. Se remiendan las redes a la luz de una lámpara, y
siempre alguien canta, mal, sobre una muchacha de Lisboa. En 1912 había aquí 340 barcos; hoy hay once.

El mar no ha cambiado. Lo que cambió es el precio del gasóleo, el tamaño de los peces y la paciencia de los bancos.""",
}
OTHER = """The moon has no weather, so a footprint lasts for a million years. Dust lies where it fell, and nothing ever
comes to sweep it. Between 1969 and 1972 twelve people walked there. They left flags, cameras and mirrors.

Some of the mirrors still work. A laser from a telescope finds them, and tells how far away the moon is tonight."""


@dataclass(frozen=True)
class Reader:
    """`noise_db` is how far the room is below the voice; `lead_seconds` how long nobody speaks at first."""

    voice: str = "gmw/en-GB-scotland+f4"
    noise_db: float = 35.0
    lead_seconds: float = 3.0
    gain: float = 0.3
    rates: tuple[int, int] = (140, 220)


@dataclass(frozen=True)
class ReadAloud:
    """48 kHz samples, and when each scene's words are said in them."""

    samples: np.ndarray
    times: tuple[tuple[Span, ...], ...]

    def write(self, path: Path) -> Path:
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes(self.samples.astype("<i2").tobytes())
        return path


def scenes_of(text: str, language: str = "en", words_per_minute: int = 150) -> tuple[tuple[Token, ...], ...]:
    paragraphs = read_paragraphs(clean_text(text), language)
    return tuple(scene.tokens for scene in split_scenes(paragraphs, words_per_minute))


def read_aloud(scenes: tuple[tuple[Token, ...], ...], reader: Reader = Reader(), seed: int = 1) -> ReadAloud:
    """Read every clause at a pace and a pitch of its own, with pauses of random length, longer ones between scenes."""
    random = np.random.default_rng(seed)
    sounds, times, now = [np.zeros(round(reader.lead_seconds * SAMPLE_RATE))], [], reader.lead_seconds
    for tokens in scenes:
        said: list[Span] = []
        for clause in _clauses(tokens):
            sound, spans = _said(clause, reader, random)
            pause = np.zeros(round(random.choice([0.0, 0.1, 0.3, 0.6]) * SAMPLE_RATE))
            said += [(now + start, now + end) for start, end in spans]
            sounds += [sound, pause]
            now += (len(sound) + len(pause)) / SAMPLE_RATE
        between = np.zeros(round(random.choice([0.25, 0.4, 0.8, 1.5, 4.0]) * SAMPLE_RATE))
        sounds.append(between)
        now += len(between) / SAMPLE_RATE
        times.append(tuple(said))
    return ReadAloud(_in_room(np.concatenate(sounds) * reader.gain, reader.noise_db, random), tuple(times))


def _clauses(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    clauses: list[tuple[Token, ...]] = []
    first = 0
    for index, token in enumerate(tokens):
        if token.spoken.endswith((",", ".", ";", ":", "!", "?")) and index - first >= 3:
            clauses.append(tokens[first : index + 1])
            first = index + 1
    return [*clauses, tokens[first:]] if first < len(tokens) else clauses


def _said(clause: tuple[Token, ...], reader: Reader, random: np.random.Generator) -> tuple[np.ndarray, list[Span]]:
    rate, pitch, pitch_range = random.integers(*reader.rates), random.integers(30, 70), random.integers(30, 80)
    said = said_text(clause)
    spoken = say(said.text, Delivery(reader.voice, int(rate), 0, int(pitch), int(pitch_range)))
    seconds = len(spoken.pcm) / 2 / spoken.sample_rate
    times = times_from_marks(spoken.marks, said.starts, spoken.sample_rate, seconds)
    return _at_48_khz(spoken.pcm, spoken.sample_rate), [(time.start, time.end) for time in times]


def _at_48_khz(pcm: bytes, rate: int) -> np.ndarray:
    frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2")[None, :], "s16", "mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([each.to_ndarray()[0] for each in frames]).astype(float)


def _in_room(sound: np.ndarray, noise_db: float, random: np.random.Generator) -> np.ndarray:
    loud = float(np.sqrt(np.mean(sound**2)))
    noise = random.standard_normal(len(sound)) * loud * 10 ** (-noise_db / 20)
    return np.clip(sound + noise, -32_768, 32_767).astype(np.int16)
