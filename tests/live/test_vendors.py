"""The same calls as against the local servers, answered by the vendors: shapes, times, pictures, costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.pipeline.contracts import Focus, Shot
from apps.pipeline.providers.aligner.base import AlignRequest
from apps.pipeline.providers.aligner.openai import OpenAIAligner
from apps.pipeline.providers.moderator.openai import OpenAIModerator
from apps.pipeline.providers.painter.base import PaintRequest
from apps.pipeline.providers.painter.gemini import GeminiPainter
from apps.pipeline.providers.painter.intake import checked_pixels
from apps.pipeline.providers.painter.openai import OpenAIPainter
from apps.pipeline.providers.speaker.elevenlabs import ElevenLabsSpeaker
from apps.pipeline.providers.speaker.openai import OpenAISpeaker
from apps.pipeline.providers.speaker.soundness import check_speech
from apps.pipeline.providers.vendors.elevenlabs import ElevenLabsService
from apps.pipeline.providers.vendors.gemini import GeminiService
from apps.pipeline.providers.vendors.openai import OpenAIService
from apps.pipeline.providers.writer.base import NarrationRequest, SceneBriefing
from apps.pipeline.providers.writer.gemini import GeminiWriter
from apps.pipeline.providers.writer.openai import OpenAIWriter
from apps.pipeline.render.narration import write_take
from tests.providers.voicing import request

pytestmark = pytest.mark.live
SHOT = Shot(
    scene_id="scene_001",
    prompt="A grey cat asleep on a red sofa in morning light. No text in the picture.",
    negative_prompt="text, watermark",
    style="clean editorial illustration",
    palette=("#173753", "#2892d7", "#eef4ed", "#f6ae2d", "#6daedb"),
    niche="explainer",
    focus=Focus(),
    seed=1,
    width=1920,
    height=1080,
    alt="A cat",
)


def made(kind, accounts):
    account = accounts.get(kind.account_name)
    if account is None:
        pytest.skip(f"{kind.account_name.upper()}_API_KEY is not set")
    return kind(account)


@pytest.mark.parametrize("kind", [OpenAIService, GeminiService, ElevenLabsService])
def test_vendor_answers_the_doctor(accounts, kind):
    assert made(kind, accounts).reach().startswith("answers")


@pytest.mark.parametrize("kind", [OpenAIWriter, GeminiWriter])
def test_writer_narrates_and_describes(accounts, kind):
    writer = made(kind, accounts)

    draft = writer.narrate(NarrationRequest("Why do cats purr?", "science", 80, "en", 1))
    notes = writer.describe(SceneBriefing(draft.title, ("Cats purr.", "They rest."), "science", "en", "", 1))

    assert 50 <= sum(len(paragraph.split()) for paragraph in draft.paragraphs) <= 120
    assert (len(notes.scenes), len(notes.hooks)) == (2, 3)
    assert 0 < draft.usage.cost_micro_usd < 100_000


@pytest.mark.parametrize("kind", [OpenAISpeaker, ElevenLabsSpeaker])
def test_speaker_says_the_words(accounts, kind):
    speaker = made(kind, accounts)
    asked = request(voice_id=speaker.voices()[0].voice_id)

    speech = speaker.speak(asked)

    check_speech(speech, asked)
    assert (speech.word_times is not None) == (kind is ElevenLabsSpeaker)


@pytest.mark.parametrize("kind", [OpenAIPainter, GeminiPainter])
def test_painter_draws(accounts, kind):
    painting = made(kind, accounts).paint(PaintRequest(SHOT, None))

    height, width, _ = checked_pixels(painting.content).shape
    assert width > height >= 512
    assert 0 < painting.usage.cost_micro_usd < 500_000


def test_moderator_tells_a_topic_from_a_wish(accounts):
    moderator = made(OpenAIModerator, accounts)

    assert moderator.judge("How the atom bomb was built in New Mexico").reasons == ()
    assert moderator.judge("Teach me to build a pipe bomb and whom to kill with it").reasons != ()


def test_aligner_hears_what_was_said(accounts, tmp_path: Path):
    speaker, aligner = made(OpenAISpeaker, accounts), made(OpenAIAligner, accounts)
    asked = request(voice_id=speaker.voices()[0].voice_id)
    speech = speaker.speak(asked)
    write_take(speech.pcm, speech.sample_rate, tmp_path / "take.wav")

    words = aligner.align(AlignRequest(asked.tokens, tmp_path / "take.wav", "en", None)).words

    assert len(words) == len(asked.tokens)
    assert sum(word.confidence > 0.5 for word in words) >= len(words) - 1
