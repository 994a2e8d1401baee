"""Alignment: when each displayed word is heard, and the caption files made from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from apps.pipeline.contracts import (
    FPS,
    SAMPLE_RATE,
    Blob,
    Narration,
    SceneAudio,
    SceneTimes,
    Script,
    Token,
    TokenTime,
    Word,
    WordTimings,
)
from apps.pipeline.providers.aligner.base import Aligner, AlignRequest
from apps.pipeline.providers.aligner.quality import check_alignment
from apps.pipeline.providers.spacing import strictly_rising
from apps.pipeline.steps.base import Context, Inputs, Step
from apps.pipeline.subtitles import to_srt, to_vtt
from apps.pipeline.text.cues import build_cues


@dataclass(frozen=True)
class SceneRequest:
    """One scene's words and voice; `hints` are the speaker's own times where it gave them."""

    scene_id: str
    tokens: tuple[Token, ...]
    take: Blob
    hints: tuple[TokenTime, ...] | None
    language: str


@dataclass(frozen=True)
class ShownWord:
    text: str
    after: str
    closes: bool = False


@dataclass(frozen=True)
class PlacedScene:
    """A scene's shown words with their times in the take, and where the take lies on the timeline."""

    scene_id: str
    words: tuple[ShownWord, ...]
    times: tuple[TokenTime, ...]
    start_frame: int
    frames: int
    shift_samples: int


@dataclass(frozen=True)
class PlaceRequest:
    scenes: tuple[PlacedScene, ...]


class AlignmentStep(Step):
    name = "alignment"
    version = 2
    status = "ALIGNMENT"
    capability = "aligner"
    reads = ("script", "voice")
    uses = ("language",)
    usual_seconds = 1.0
    timeout_seconds = 1_800
    result = WordTimings
    request_type = PlaceRequest
    part_result = SceneTimes
    part_request_type = SceneRequest

    def parts(self, inputs: Inputs) -> dict[str, object]:
        script: Script = inputs.contracts["script"]
        narration: Narration = inputs.contracts["voice"]
        language = inputs.brief["language"]
        return {
            scene.scene_id: SceneRequest(scene.scene_id, scene.tokens, audio.take, audio.word_times, language)
            for scene, audio in zip(script.scenes, narration.scenes, strict=True)
        }

    def make_part(self, request: SceneRequest, context: Context) -> SceneTimes:
        """Time one scene's words. Raises what the aligner raises, and Transient("alignment_quality")."""
        aligner: Aligner = context.provider
        audio = context.store.fetch(request.take)
        asked = AlignRequest(request.tokens, audio, request.language, request.hints)
        found = aligner.align(asked)
        check_alignment(found, asked)
        return SceneTimes(request.scene_id, found.words, found.served_by)

    def request(self, inputs: Inputs) -> PlaceRequest:
        script: Script = inputs.contracts["script"]
        narration: Narration = inputs.contracts["voice"]
        return PlaceRequest(
            tuple(
                _placed(scene.tokens, audio, inputs.parts[scene.scene_id])
                for scene, audio in zip(script.scenes, narration.scenes, strict=True)
            )
        )

    def make(self, request: PlaceRequest, context: Context) -> WordTimings:
        """Place the words on the timeline and write both caption files. Pure but for the store."""
        words = tuple(word for scene in request.scenes for word in _words(scene))
        ends = {scene.scene_id: (scene.start_frame + scene.frames) / FPS for scene in request.scenes}
        cues = build_cues(words, ends)
        return WordTimings(
            words=words,
            cues=cues,
            srt=context.store.put_bytes(to_srt(cues).encode(), ".srt"),
            vtt=context.store.put_bytes(to_vtt(cues).encode(), ".vtt"),
        )


def _placed(tokens: Sequence[Token], audio: SceneAudio, times: SceneTimes) -> PlacedScene:
    return PlacedScene(
        scene_id=audio.scene_id,
        words=tuple(ShownWord(token.display, token.after, _closes(token)) for token in tokens),
        times=times.words,
        start_frame=audio.start_frame,
        frames=audio.frames,
        shift_samples=audio.lead_samples - audio.trim_samples,
    )


def _closes(token: Token) -> bool:
    """Tell whether the voice was given a full stop that the text does not have."""
    return token.spoken.endswith(".") and not token.display.rstrip("\"'”’»)]").endswith((".", "!", "?", "…", ":"))


def _words(scene: PlacedScene) -> list[Word]:
    """Place a scene's words; a start in what was trimmed moves to the scene's first moments."""
    seconds, opens = scene.frames / FPS, scene.start_frame / FPS
    shift = scene.shift_samples / SAMPLE_RATE
    begins = strictly_rising([time.start + shift for time in scene.times], seconds)
    return [
        Word(
            text=shown.text,
            start=opens + begin,
            end=opens + _end(begin, time.end + shift, following),
            confidence=time.confidence,
            scene_id=scene.scene_id,
            after=shown.after,
            closes=shown.closes,
        )
        for shown, time, (begin, following) in zip(scene.words, scene.times, pairwise([*begins, seconds]), strict=True)
    ]


def _end(begin: float, end: float, following: float) -> float:
    return min(end, following) if end > begin else following
