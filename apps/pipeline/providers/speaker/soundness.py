"""What every speaker's answer must pass before it is stored, whoever the vendor is."""

from __future__ import annotations

import string

import numpy as np

from apps.pipeline.providers.errors import Transient
from apps.pipeline.providers.speaker.base import Speech, SpeechRequest
from apps.pipeline.render.energy import Mono, longest_pause

QUIETEST_PEAK = 200  # of 32,767: about -44 dBFS; even whispered speech peaks far above
_CHARACTERS_PER_WORD = 6
_SHORTEST_SHARE, _LONGEST_SHARE, _SLACK_SECONDS = 0.15, 6.0, 4.0
_LONGEST_PAUSE_SECONDS = 3.0
"""Between words at the normal pace. There dots, dashes and brackets in a row make espeak rest 1.1 s, and 2.8 s at 60
words a minute."""
_NORMAL_WORDS_PER_MINUTE = 150
_SLOWED_AT_MOST = 2.0

# How files begin that are no bare samples; played as samples they would be noise.
_FILE_BEGINNINGS = (b"RIFF", b"ID3", b"OggS", b"fLaC")
_TEXT_BYTES = frozenset(string.printable.encode())
_LOOKED_AT_BYTES = 512


def check_speech(speech: Speech, request: SpeechRequest) -> None:
    """Raise Transient("voice_bad_audio") for what cannot be these words.

    That is no samples but a text or a file, half a sample at the end, silence, or a length far from that of the words.
    """
    _require_samples(speech.pcm)
    seconds = len(speech.pcm) / 2 / speech.sample_rate
    expected = _word_count(request) / request.words_per_minute * 60
    if is_silent(speech.pcm):
        raise Transient("voice_bad_audio", f"{seconds:.1f} s of silence for {len(request.tokens)} words")
    if not _SHORTEST_SHARE * expected <= seconds <= _LONGEST_SHARE * expected + _SLACK_SECONDS:
        raise Transient("voice_bad_audio", f"{seconds:.1f} s of speech where about {expected:.1f} s were expected")


def check_pauses(samples: Mono, request: SpeechRequest) -> None:
    """Raise Transient("voice_bad_audio") for a take, 48 kHz `samples`, that falls silent between its words.

    Silence at its ends is trimmed by who joins the takes, and none of this check's.
    """
    slowed = min(max(_NORMAL_WORDS_PER_MINUTE / max(request.words_per_minute, 1), 1.0), _SLOWED_AT_MOST)
    start, seconds = longest_pause(samples)
    if seconds > _LONGEST_PAUSE_SECONDS * slowed:
        raise Transient("voice_bad_audio", f"{seconds:.1f} s of silence between the words, after {start:.1f} s")


def _require_samples(pcm: bytes) -> None:
    beginning = pcm[:_LOOKED_AT_BYTES]
    if len(pcm) % 2:
        raise Transient("voice_bad_audio", f"{len(pcm)} bytes are no whole number of samples")
    if beginning.startswith(_FILE_BEGINNINGS) or (beginning and set(beginning) <= _TEXT_BYTES):
        raise Transient("voice_bad_audio", "a text or a file came instead of samples")


def is_silent(pcm: bytes) -> bool:
    """Tell whether 16-bit `pcm` is empty or never rises above the quietest peak."""
    samples = np.frombuffer(pcm, dtype="<i2")
    return samples.size == 0 or int(np.abs(samples.astype(np.int32)).max()) < QUIETEST_PEAK


def _word_count(request: SpeechRequest) -> float:
    # Scripts without spaces may come as one long token, and a number as one short one.
    characters = sum(len(token.spoken) for token in request.tokens)
    words = sum(1 for token in request.tokens if token.spoken)
    return (words + characters / _CHARACTERS_PER_WORD) / 2
