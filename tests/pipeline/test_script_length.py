"""The asked length, as the embedded speaker really says the script."""

import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps.pipeline.contracts import Look, VoiceChoice
from apps.pipeline.providers.moderator.word_list import WordList
from apps.pipeline.providers.speaker.espeak import EspeakSpeaker
from apps.pipeline.providers.writer.sample import SampleWriter
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.script import ScriptStep
from apps.pipeline.steps.voice import VoiceStep
from apps.pipeline.text.narration import read_paragraphs
from apps.pipeline.text.speaking import average_words, words_when_said
from tests.pipeline.folder_store import FolderStore


def _spoken_seconds(prompt, niche, minutes):
    brief = {
        "title": "",
        "prompt": prompt,
        "niche_preset": niche,
        "target_minutes": minutes,
        "transcript_mode": "auto",
        "transcript_text": "",
        "language": "en",
        "seed": 0,
        "pace": "normal",
        "recording": None,
        "voice": VoiceChoice("espeak", "en-us"),
        "look": Look(),
    }
    step = ScriptStep()
    context = SimpleNamespace(
        provider=SampleWriter(),
        moderator=WordList(),
        progress=lambda *told: None,
        recall=lambda *asked: None,
        keep=lambda *made: None,
    )
    script = step.make(step.request(Inputs(brief, {})), context)
    with tempfile.TemporaryDirectory() as folder:
        return _say(Inputs(brief, {"script": script}), Path(folder)).duration_ms / 1000


def _say(inputs, folder):
    voice = VoiceStep()
    context = SimpleNamespace(
        provider=EspeakSpeaker(), progress=lambda *told: None, store=FolderStore(folder), scratch=folder
    )
    parts = {part: voice.make_part(request, context) for part, request in voice.parts(inputs).items()}
    return voice.make(voice.request(Inputs(inputs.brief, inputs.contracts, parts)), context)


@pytest.mark.parametrize(
    ("prompt", "niche", "minutes"),
    [
        ("Why do dogs bark?", "explainer", 1),
        pytest.param("Never give up", "motivation", 1, marks=pytest.mark.slow),
        ("Octopus brains", "facts", 1),
        pytest.param("How inflation works", "finance", 2, marks=pytest.mark.slow),
    ],
)
def test_prompt_becomes_a_narration_within_ten_percent_of_the_asked_length(prompt, niche, minutes):
    assert _spoken_seconds(prompt, niche, minutes) == pytest.approx(60 * minutes, rel=0.1)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("", "en", 0),
        ("Cats purr.", "en-GB", 3),
        ("Internationalisation, notwithstanding considerations.", "en", 12),
        ("Internationalisation, notwithstanding considerations.", "de", 3),
        ("一二三四五六七八九十", "zh", 6),
    ],
)
def test_words_of_average_length_count_letters_and_pauses_in_english(text, language, words):
    assert average_words(text, language) == words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Cats purr, and nobody knows why. ", "en"),
        ("Katzen schnurren, und niemand weiß warum. ", "de"),
        ("猫为什么会打呼噜。", "zh"),
    ],
)
def test_plain_text_is_charged_for_its_words(text, language):
    assert words_when_said(50 * text, language) == average_words(50 * text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("7,777,777 ", "en"),
        ("9", "en"),
        ("$5,555,555 ", "en"),
        ("100% $5 & ", "en"),
        ("1777 ", "en"),
        ("7777777 ", "de"),
        ("100000000000000 ", "de"),
    ],
)
def test_figures_are_charged_for_at_least_a_quarter_of_how_they_are_said(text, language):
    said = " ".join(token.spoken for tokens in read_paragraphs(60 * text, language) for token in tokens)

    assert words_when_said(60 * text, language) >= 0.19 * len(said) / 4


@pytest.mark.parametrize("text", ["ja", "Wort,", "W"])
def test_letters_without_spaces_are_no_single_word(text):
    assert words_when_said(1000 * text, "de") == 100 * len(text)
