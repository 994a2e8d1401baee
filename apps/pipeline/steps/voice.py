"""Voice: each scene is spoken by itself; the takes are joined with natural pauses and levelled once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import (
    FPS,
    WORDS_PER_MINUTE,
    Blob,
    Narration,
    SceneAudio,
    Script,
    Token,
    VoiceChoice,
    VoiceTake,
)
from apps.pipeline.providers.speaker.base import Speaker, SpeechRequest
from apps.pipeline.providers.speaker.soundness import check_speech
from apps.pipeline.render.loudness import level
from apps.pipeline.render.narration import ScenePlacement, encode_mp3, join_takes, write_take
from apps.pipeline.steps.base import Context, Inputs, Step


@dataclass(frozen=True)
class TakeRequest:
    """What one scene's voice depends on: its words, who says them and how fast."""

    scene_id: str
    tokens: tuple[Token, ...]
    voice_id: str
    language: str
    words_per_minute: int


@dataclass(frozen=True)
class JoinRequest:
    """The takes in the order of the scenes; `ends_paragraph` has one flag a take."""

    takes: tuple[VoiceTake, ...]
    ends_paragraph: tuple[bool, ...]


class VoiceStep(Step):
    name = "voice"
    status = "VOICE_GEN"
    capability = "speaker"
    reads = ("script",)
    uses = ("voice", "pace", "language")
    usual_seconds = 4.0
    timeout_seconds = 1_800
    result = Narration
    request_type = JoinRequest
    part_result = VoiceTake
    part_request_type = TakeRequest

    def parts(self, inputs: Inputs) -> dict[str, object]:
        script: Script = inputs.contracts["script"]
        voice: VoiceChoice = inputs.brief["voice"]
        words_per_minute = round(WORDS_PER_MINUTE[inputs.brief["pace"]] * voice.speed)
        return {
            scene.scene_id: TakeRequest(
                scene.scene_id, scene.tokens, voice.voice_id, inputs.brief["language"], words_per_minute
            )
            for scene in script.scenes
        }

    def make_part(self, request: TakeRequest, context: Context) -> VoiceTake:
        """Speak one scene. Raises what the speaker raises, and Transient when the audio cannot be its words."""
        speaker: Speaker = context.provider
        asked = SpeechRequest(request.tokens, request.voice_id, request.language, request.words_per_minute)
        speech = speaker.speak(asked)
        check_speech(speech, asked)
        path = context.scratch / "take.wav"
        samples = write_take(speech.pcm, speech.sample_rate, path)
        audio = context.store.put(path, ".wav")
        return VoiceTake(request.scene_id, audio, samples, speech.word_times, speaker.name)

    def request(self, inputs: Inputs) -> JoinRequest:
        script: Script = inputs.contracts["script"]
        takes = tuple(inputs.parts[scene.scene_id] for scene in script.scenes)
        return JoinRequest(takes, tuple(scene.ends_paragraph for scene in script.scenes))

    def make(self, request: JoinRequest, context: Context) -> Narration:
        """Join the takes at -16 LUFS. Raises Rejected("silent_audio") when nothing can be heard."""
        raw, master, mp3 = (context.scratch / name for name in ("joined.wav", "master.wav", "master.mp3"))
        takes = [context.store.fetch(take.audio) for take in request.takes]
        placements = join_takes(takes, request.ends_paragraph, raw)
        context.progress(0.4, "Levelling the voice")
        frames = sum(placement.frames for placement in placements)
        seconds = frames / FPS
        loudness = level(raw, master, seconds=seconds)
        context.progress(0.8, "Encoding the voice")
        encode_mp3(master, mp3, seconds=seconds)
        return Narration(
            scenes=_scenes(request.takes, placements),
            master=_stored(context, master),
            mp3=_stored(context, mp3),
            duration_frames=frames,
            duration_ms=round(seconds * 1_000),
            loudness_lufs=loudness.lufs,
            true_peak_db=loudness.true_peak_db,
        )


def _scenes(takes: Sequence[VoiceTake], placements: Sequence[ScenePlacement]) -> tuple[SceneAudio, ...]:
    return tuple(
        SceneAudio(
            scene_id=take.scene_id,
            take=take.audio,
            start_frame=placement.start_frame,
            frames=placement.frames,
            lead_samples=placement.lead_samples,
            trim_samples=placement.trim_samples,
            voiced_samples=placement.voiced_samples,
            word_times=take.word_times,
        )
        for take, placement in zip(takes, placements, strict=True)
    )


def _stored(context: Context, path: Path) -> Blob:
    return context.store.put(path, path.suffix)
