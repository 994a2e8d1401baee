"""The voices espeak-ng offers here, and how fast each language comes out.

A calibration is the words a minute heard at the six rates of `RATES`, pauses between sentences included, measured on
a passage of 35 to 90 words in that language. Han characters count as 1.6 to the word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apps.pipeline.providers.speaker.base import Voice
from apps.pipeline.providers.speaker.espeak_library import FASTEST_RATE, SLOWEST_RATE

RATES = (SLOWEST_RATE, 120, 175, 250, 350, FASTEST_RATE)
_GAP_SECONDS = 0.0345  # what one unit of word gap adds to a word at the slowest rate, measured in every language
_MOST_GAP = 60


@dataclass(frozen=True)
class EspeakVoice:
    """An offered voice and espeak's own name for it; "+f3" picks one of its timbres."""

    offered: Voice
    espeak_name: str
    calibration: tuple[int, ...]
    pitch: int = 50
    pitch_range: int = 50

    def rate_and_gap(self, words_per_minute: int) -> tuple[int, int]:
        """Return espeak's rate and word gap for a pace; below its slowest rate the gaps between words grow."""
        slowest = self.calibration[0]
        if words_per_minute >= slowest:
            return round(float(np.interp(words_per_minute, self.calibration, RATES))), 0
        gap = (60 / max(words_per_minute, 1) - 60 / slowest) / _GAP_SECONDS
        return SLOWEST_RATE, min(round(gap), _MOST_GAP)


_ENGLISH = (95, 135, 201, 289, 416, 523)
_CASTILIAN = (92, 131, 190, 262, 338, 462)
_AMERICAN_SPANISH = (82, 119, 176, 251, 338, 441)
_FRENCH = (109, 156, 234, 338, 474, 601)
_GERMAN = (86, 120, 174, 246, 340, 451)
_PORTUGUESE = (84, 120, 179, 257, 363, 447)
_ITALIAN = (94, 132, 192, 266, 358, 466)
_DUTCH = (94, 133, 196, 279, 396, 489)
_POLISH = (64, 92, 135, 196, 276, 351)
_RUSSIAN = (89, 120, 167, 218, 274, 421)
_UKRAINIAN = (62, 70, 104, 150, 213, 268)
_GREEK = (84, 121, 180, 257, 354, 455)
_TURKISH = (54, 80, 123, 184, 263, 313)
_SWEDISH = (87, 123, 183, 261, 364, 469)
_HINDI = (81, 117, 177, 261, 352, 460)
_ARABIC = (57, 79, 113, 158, 216, 289)
_MANDARIN = (59, 87, 136, 211, 314, 360)


def _latin(voice_id: str, name: str, language: str) -> Voice:
    return Voice(voice_id, name, language, "Latn")


VOICES = (
    EspeakVoice(_latin("en-us", "English (US), man", "en-US"), "gmw/en-US", _ENGLISH, 42, 55),
    EspeakVoice(_latin("en-us-woman", "English (US), woman", "en-US"), "gmw/en-US+f3", _ENGLISH),
    EspeakVoice(_latin("en-us-deep", "English (US), deep voice", "en-US"), "gmw/en-US+m3", _ENGLISH, 34, 55),
    EspeakVoice(_latin("en-gb", "English (GB), man", "en-GB"), "gmw/en", _ENGLISH, 44, 55),
    EspeakVoice(_latin("en-gb-woman", "English (GB), woman", "en-GB"), "gmw/en+f2", _ENGLISH),
    EspeakVoice(_latin("en-gb-rp", "English (received pronunciation)", "en-GB"), "gmw/en-GB-x-rp", _ENGLISH, 44, 55),
    EspeakVoice(_latin("en-scotland", "English (Scotland)", "en-GB"), "gmw/en-GB-scotland", _ENGLISH, 44, 55),
    EspeakVoice(_latin("es", "Español, hombre", "es-ES"), "roa/es", _CASTILIAN, 45, 55),
    EspeakVoice(_latin("es-woman", "Español, mujer", "es-ES"), "roa/es+f2", _CASTILIAN),
    EspeakVoice(_latin("es-419", "Español (Latinoamérica)", "es-419"), "roa/es-419", _AMERICAN_SPANISH, 45, 55),
    EspeakVoice(_latin("fr", "Français, homme", "fr-FR"), "roa/fr", _FRENCH, 45, 55),
    EspeakVoice(_latin("fr-woman", "Français, femme", "fr-FR"), "roa/fr+f2", _FRENCH),
    EspeakVoice(_latin("de", "Deutsch, Mann", "de-DE"), "gmw/de", _GERMAN, 45, 55),
    EspeakVoice(_latin("de-woman", "Deutsch, Frau", "de-DE"), "gmw/de+f2", _GERMAN),
    EspeakVoice(_latin("pt-br", "Português (Brasil)", "pt-BR"), "roa/pt-BR", _PORTUGUESE, 45, 55),
    EspeakVoice(_latin("pt", "Português (Portugal)", "pt-PT"), "roa/pt", _PORTUGUESE, 45, 55),
    EspeakVoice(_latin("it", "Italiano", "it-IT"), "roa/it", _ITALIAN, 45, 55),
    EspeakVoice(_latin("nl", "Nederlands", "nl-NL"), "gmw/nl", _DUTCH, 45, 55),
    EspeakVoice(_latin("pl", "Polski", "pl-PL"), "zlw/pl", _POLISH, 45, 55),
    EspeakVoice(_latin("sv", "Svenska", "sv-SE"), "gmq/sv", _SWEDISH, 45, 55),
    EspeakVoice(_latin("tr", "Türkçe", "tr-TR"), "trk/tr", _TURKISH, 45, 55),
    EspeakVoice(Voice("ru", "Русский", "ru-RU", "Cyrl"), "zle/ru", _RUSSIAN, 45, 55),
    EspeakVoice(Voice("uk", "Українська", "uk-UA", "Cyrl"), "zle/uk", _UKRAINIAN, 45, 55),
    EspeakVoice(Voice("el", "Ελληνικά", "el-GR", "Grek"), "grk/el", _GREEK, 45, 55),
    EspeakVoice(Voice("hi", "हिन्दी", "hi-IN", "Deva"), "inc/hi", _HINDI, 45, 55),
    EspeakVoice(Voice("ar", "العربية", "ar", "Arab"), "sem/ar", _ARABIC, 45, 55),
    EspeakVoice(Voice("cmn", "普通话", "cmn-Hans-CN", "Hans"), "sit/cmn", _MANDARIN, 45, 55),
)
