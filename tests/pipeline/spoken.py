"""Scenes, tokens and requests around the embedded voice, for the tests of everything that is heard."""

from __future__ import annotations

import re
from pathlib import Path

from apps.pipeline.contracts import (
    Narration,
    Scene,
    SceneTimes,
    Script,
    ScriptFacts,
    Token,
    VoiceChoice,
    VoiceTake,
    WordTimings,
)
from apps.pipeline.providers.aligner.speaker_events import SpeakerEventsAligner
from apps.pipeline.providers.speaker.base import Speech, SpeechRequest
from apps.pipeline.providers.speaker.espeak import EspeakSpeaker
from apps.pipeline.render.ffmpeg import run_ffmpeg
from apps.pipeline.steps.alignment import AlignmentStep
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.voice import VoiceStep
from tests.pipeline.folder_store import FolderContext

ENGLISH = (
    "Cats purr for many reasons. Most people think that a purr means the animal is happy, and often that is true.",
    "But a cat may also purr when it is frightened, hurt, or about to give birth.",
    "The sound comes from muscles in the throat. They twitch about twenty five times a second!",
)
GERMAN = (
    "Katzen schnurren aus vielen Gründen. Die meisten Menschen glauben, dass es Zufriedenheit bedeutet.",
    "Doch eine Katze kann auch schnurren, wenn sie Angst hat, verletzt ist oder bald Junge bekommt.",
)
MANDARIN = ("猫会因为很多原因发出呼噜声。大多数人认为，这意味着它很高兴，而且往往是真的。",)


def tokens_of(text: str) -> tuple[Token, ...]:
    """One token a word; in Han text one a character, with its punctuation."""
    if re.search("[一-鿿]", text):
        return tuple(Token(piece, piece, "") for piece in re.findall(r"\w\W*", text))
    return tuple(Token(word, word) for word in text.split())


def script_of(texts: tuple[str, ...] = ENGLISH, language: str = "en") -> Script:
    scenes = tuple(
        Scene(f"s{number}", "", tokens_of(text), "", "a picture", "", 5.0, ends_paragraph=number % 2 == 0)
        for number, text in enumerate(texts, start=1)
    )
    return Script("Title", "", language, scenes, ScriptFacts(0.0, 0, len(scenes)), "you")


def say(text: str, voice_id: str = "en-us", words_per_minute: int = 150) -> Speech:
    return EspeakSpeaker().speak(SpeechRequest(tokens_of(text), voice_id, "en", words_per_minute))


def voice_inputs(script: Script, parts: dict[str, VoiceTake] | None = None, voice_id: str = "en-us") -> Inputs:
    brief = {
        "voice": VoiceChoice("espeak", voice_id),
        "pace": "normal",
        "language": script.language,
        "recording": None,
    }
    return Inputs(brief, {"script": script}, parts or {})


def narrate(script: Script, context: FolderContext, voice_id: str = "en-us") -> Narration:
    step, context.provider = VoiceStep(), EspeakSpeaker()
    requests = step.parts(voice_inputs(script, voice_id=voice_id))
    parts = {name: step.make_part(request, context) for name, request in requests.items()}
    return step.make(step.request(voice_inputs(script, parts)), context)


def alignment_inputs(script: Script, narration: Narration, parts: dict[str, SceneTimes] | None = None) -> Inputs:
    return Inputs({"language": script.language}, {"script": script, "voice": narration}, parts or {})


def align(script: Script, narration: Narration, context: FolderContext) -> WordTimings:
    step, context.provider = AlignmentStep(), SpeakerEventsAligner()
    requests = step.parts(alignment_inputs(script, narration))
    parts = {name: step.make_part(request, context) for name, request in requests.items()}
    return step.make(step.request(alignment_inputs(script, narration, parts)), context)


def silences_in(path: Path, decibels: float = -38.0, shortest_seconds: float = 0.1) -> list[tuple[float, float]]:
    """Return the silent spans in seconds as ffmpeg's own detector sees them."""
    detector = f"silencedetect=noise={decibels}dB:d={shortest_seconds}"
    arguments = ["-loglevel", "info", "-nostats", "-i", str(path), "-af", detector, "-f", "null", "-"]
    log = run_ffmpeg(arguments, deadline_seconds=60)
    starts = [float(value) for value in re.findall(r"silence_start: (-?[\d.]+)", log)]
    ends = [float(value) for value in re.findall(r"silence_end: ([\d.]+)", log)]
    return list(zip(starts, ends, strict=False))
