"""A script as the embedded voices say it: the sound whose word times are known exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from apps.pipeline.contracts import SAMPLE_RATE, Token, TokenTime
from apps.pipeline.providers.echo.spectra import Spectra, spectra
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.speaker import espeak_library
from apps.pipeline.providers.speaker.espeak_library import Delivery
from apps.pipeline.providers.speaker.said_text import said_text
from apps.pipeline.providers.speaker.token_times import times_from_marks
from apps.pipeline.providers.speaker.voices import VOICES, EspeakVoice
from apps.pipeline.render.energy import Mono, pauses_in_room, silences
from apps.pipeline.text.tokens import spoken_weight

HOP_SECONDS = 0.04
LONGEST_KEPT_PAUSE_SECONDS = 0.2
_KEPT_AT_EDGES_SECONDS = 0.08
_RATES = (90, 280)
# A man's voice and a woman's: which is nearer shows in what warping costs.
_TIMBRES = ("", "+f3")
_GAP_SECONDS = 0.1


@dataclass(frozen=True)
class SpokenScript:
    """`times` has each scene's words, in seconds from the start of `samples`."""

    samples: Mono
    rate: int
    times: tuple[tuple[TokenTime, ...], ...]

    def spectra(self, hop_seconds: float = HOP_SECONDS) -> Spectra:
        """Return the sound's spectra without its longer pauses."""
        return spectra(self.samples, self.rate, hop_seconds, _inside(self._pauses()))

    def _pauses(self) -> list[tuple[float, float]]:
        # Silences are counted in samples at 48 kHz, and espeak's silence is exact.
        scale = SAMPLE_RATE / self.rate
        shortest = LONGEST_KEPT_PAUSE_SECONDS / scale
        return [(start * scale, end * scale) for start, end in silences(self.samples, shortest)]


def heard_spectra(samples: Mono, hop_seconds: float = HOP_SECONDS) -> Spectra:
    """Return a 48 kHz recording's spectra without its longer pauses."""
    return spectra(samples, SAMPLE_RATE, hop_seconds, _inside(pauses_in_room(samples, LONGEST_KEPT_PAUSE_SECONDS)))


def languages() -> tuple[EspeakVoice, ...]:
    """Return the first embedded voice of each language that can be laid over a recording."""
    firsts: dict[str, EspeakVoice] = {}
    for voice in VOICES:
        firsts.setdefault(_primary(voice.offered.language), voice)
    return tuple(firsts.values())


def spoken_scripts(scenes: Sequence[Sequence[Token]], language: str, seconds: float) -> list[SpokenScript]:
    """Say all scenes about as fast as `seconds` of speech have them, once by each kind of voice.

    Raises Rejected("no_word_times") for a language that no embedded voice speaks.
    """
    voice = next((each for each in languages() if _primary(each.offered.language) == _primary(language)), None)
    if voice is None:
        raise Rejected("no_word_times", f"The words of this language ({language}) cannot be timed here.")
    words = sum(spoken_weight(token.spoken) for tokens in scenes for token in tokens)
    rate, gap = voice.rate_and_gap(round(min(max(words * 60 / max(seconds, 0.1), _RATES[0]), _RATES[1])))
    delivery = Delivery(voice.espeak_name, rate, gap, voice.pitch, voice.pitch_range)
    return [_said(scenes, replace(delivery, voice=delivery.voice + timbre)) for timbre in _TIMBRES]


def _said(scenes: Sequence[Sequence[Token]], delivery: Delivery) -> SpokenScript:
    sounds: list[Mono] = []
    times: list[tuple[TokenTime, ...]] = []
    shift, rate = 0.0, SAMPLE_RATE
    for tokens in scenes:
        said = said_text(tokens)
        utterance = espeak_library.say(said.text, delivery)
        rate = utterance.sample_rate
        gap = np.zeros(round(_GAP_SECONDS * rate), dtype=np.int16)
        sounds += [np.frombuffer(utterance.pcm, dtype="<i2"), gap]
        seconds = len(utterance.pcm) / 2 / rate
        marked = times_from_marks(utterance.marks, said.starts, rate, seconds)
        times.append(tuple(replace(time, start=time.start + shift, end=time.end + shift) for time in marked))
        shift += seconds + len(gap) / rate
    return SpokenScript(np.concatenate(sounds), rate, tuple(times))


def _inside(pauses: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(start + _KEPT_AT_EDGES_SECONDS, end - _KEPT_AT_EDGES_SECONDS) for start, end in pauses]


def _primary(language: str) -> str:
    return language.split("-")[0].lower()
