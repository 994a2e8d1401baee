"""Speech for the local servers: espeak at the vendors' 24 kHz, with when each character is heard."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from apps.pipeline.contracts import Token
from apps.pipeline.providers.speaker.base import SpeechRequest
from apps.pipeline.providers.speaker.espeak import EspeakSpeaker

RATE = 24_000


def spoken(text: str, speed: float = 1.0) -> tuple[bytes, list[tuple[float, float]]]:
    """Return the samples of `text` and one (start, end) for each of its characters; a space ends with its word."""
    words = [(found.group(1), found.group(2)) for found in re.finditer(r"(\S+)(\s*)", text)]
    tokens = tuple(Token(word, word, " ") for word, _ in words)
    speech = EspeakSpeaker().speak(SpeechRequest(tokens, "en-us", "en-US", round(155 * speed)))
    assert speech.word_times is not None
    times: list[tuple[float, float]] = []
    for (word, space), time in zip(words, speech.word_times, strict=True):
        edges = np.linspace(time.start, time.end, len(word) + 1)
        times += [(float(a), float(b)) for a, b in pairwise(edges)]
        times += [(time.end, time.end)] * len(space)
    return _at_rate(speech.pcm, speech.sample_rate), times


def _at_rate(pcm: bytes, rate: int) -> bytes:
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    places = np.arange(int(len(samples) * RATE / rate)) * rate / RATE
    return np.interp(places, np.arange(len(samples)), samples).astype("<i2").tobytes()
