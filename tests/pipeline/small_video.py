"""Contracts of a small video, for tests of the steps that come after the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.pipeline.contracts import (
    FPS,
    Blob,
    CaptionChoice,
    Focus,
    ImageSet,
    MusicChoice,
    Narration,
    Picture,
    Scene,
    SceneAudio,
    Script,
    ScriptFacts,
    Token,
    VoiceChoice,
    Word,
    WordTimings,
)
from apps.pipeline.steps.base import Inputs

BLOB = Blob("ab" * 32, 10, ".wav")
BRIEF = {
    "captions": CaptionChoice(),
    "music": MusicChoice(),
    "shape": "16:9",
    "seed": 7,
    "niche_preset": "science",
    "voice": VoiceChoice("espeak", "en-us"),
    "on_screen_titles": False,
}
SENTENCES = ("Cats purr when they rest.", "A purr is a sound of the throat, made slowly.", "Nobody knows why.")


def script_of(sentences: Sequence[str] = SENTENCES) -> Script:
    scenes = tuple(
        Scene(
            scene_id=f"s{number}",
            title=f"Part {number}",
            tokens=tuple(Token(word, word) for word in sentence.split()),
            caption=f"Title {number}",
            image_prompt="a cat",
            visual_style="",
            estimated_seconds=4.0,
        )
        for number, sentence in enumerate(sentences, 1)
    )
    count = sum(len(scene.tokens) for scene in scenes)
    return Script(
        "Why cats purr", "A small film.", "en", scenes, ScriptFacts(4.0 * len(scenes), count, len(scenes)), "you"
    )


def narration_of(frames: Sequence[int], master: Blob = BLOB, mp3: Blob = BLOB) -> Narration:
    scenes = tuple(
        SceneAudio(f"s{number}", BLOB, sum(frames[: number - 1]), length, 0, 0, length * 1600, None)
        for number, length in enumerate(frames, 1)
    )
    total = sum(frames)
    return Narration(scenes, master, mp3, total, round(total * 1000 / FPS), -16.0, -2.0)


def timings_of(script: Script, narration: Narration, srt: Blob = BLOB, vtt: Blob = BLOB) -> WordTimings:
    """The words of each scene, evenly over its first nine tenths."""
    words = []
    for scene, audio in zip(script.scenes, narration.scenes, strict=True):
        start, step = audio.start_frame / FPS, audio.frames / FPS * 0.9 / len(scene.tokens)
        words += [
            Word(token.display, start + index * step, start + (index + 1) * step, 1.0, scene.scene_id, token.after)
            for index, token in enumerate(scene.tokens)
        ]
    return WordTimings(tuple(words), (), srt, vtt)


def images_of(script: Script, blobs: Sequence[Blob] | None = None) -> ImageSet:
    pictures = (
        Picture(scene.scene_id, blob, 1920, 1080, Focus(0.6, 0.4), f"Picture of {scene.title}", "a cat", "embedded")
        for scene, blob in zip(script.scenes, blobs or [Blob("cd" * 32, 9, ".png")] * len(script.scenes), strict=True)
    )
    return ImageSet(tuple(pictures))


def inputs_of(frames: Sequence[int] = (120, 150, 90), sentences: Sequence[str] = SENTENCES, **brief: Any) -> Inputs:
    script, narration = script_of(sentences), narration_of(frames)
    contracts = {
        "script": script,
        "voice": narration,
        "alignment": timings_of(script, narration),
        "images": images_of(script),
    }
    return Inputs(BRIEF | brief, contracts)
