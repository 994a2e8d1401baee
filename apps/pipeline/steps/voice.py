"""Voice: each scene is spoken by itself; the takes are joined with natural pauses and levelled once.

A recording of the user's own is cut into takes instead, all scenes at once, and nothing is bought.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import (
    FPS,
    WORDS_PER_MINUTE,
    Blob,
    Narration,
    Recording,
    SceneAudio,
    Script,
    Token,
    TokenTime,
    VoiceChoice,
    VoiceTake,
)
from apps.pipeline.providers.speaker.base import Speaker, SpeechRequest
from apps.pipeline.providers.speaker.recording import CutRequest, RecordingSpeaker
from apps.pipeline.providers.speaker.soundness import check_pauses, check_speech
from apps.pipeline.render.loudness import level
from apps.pipeline.render.narration import ScenePlacement, encode_mp3, join_takes, write_take
from apps.pipeline.render.reading import cut_reading, tidy_reading
from apps.pipeline.render.samples import decompress
from apps.pipeline.render.wav import wav_samples
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
class SceneWords:
    scene_id: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Reading:
    """A recording of the user's own, and the words of all scenes that are read in it."""

    recording: Recording
    scenes: tuple[SceneWords, ...]
    language: str


@dataclass(frozen=True)
class JoinRequest:
    """The takes in the order of the scenes; `ends_paragraph` has one flag a take. With a `reading` there are none."""

    takes: tuple[VoiceTake, ...]
    ends_paragraph: tuple[bool, ...]
    reading: Reading | None = None


class VoiceStep(Step):
    name = "voice"
    status = "VOICE_GEN"
    capability = "speaker"
    reads = ("script",)
    uses = ("voice", "pace", "language", "recording")
    usual_seconds = 4.0
    timeout_seconds = 1_800
    result = Narration
    request_type = JoinRequest
    part_result = VoiceTake
    part_request_type = TakeRequest

    def parts(self, inputs: Inputs) -> dict[str, object]:
        if inputs.brief["recording"]:
            return {}
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
        check_pauses(wav_samples(path)[:, 0], asked)
        audio = context.store.put(path, ".wav")
        return VoiceTake(request.scene_id, audio, samples, speech.word_times, speaker.name)

    def request(self, inputs: Inputs) -> JoinRequest:
        script: Script = inputs.contracts["script"]
        if recording := inputs.brief["recording"]:
            scenes = tuple(SceneWords(scene.scene_id, scene.tokens) for scene in script.scenes)
            return JoinRequest((), (), Reading(recording, scenes, inputs.brief["language"]))
        takes = tuple(inputs.parts[scene.scene_id] for scene in script.scenes)
        return JoinRequest(takes, tuple(scene.ends_paragraph for scene in script.scenes))

    def make(self, request: JoinRequest, context: Context) -> Narration:
        """Join the takes at -16 LUFS. Raises Rejected("silent_audio") when nothing can be heard.

        With a reading also what the cutting of it raises.
        """
        raw, master, mp3 = (context.scratch / name for name in ("joined.wav", "master.wav", "master.mp3"))
        scenes = _joined(request, raw, context) if request.reading is None else _cut(request.reading, raw, context)
        context.progress(0.4, "Levelling the voice")
        frames = sum(scene.frames for scene in scenes)
        seconds = frames / FPS
        loudness = level(raw, master, seconds=seconds)
        context.progress(0.8, "Encoding the voice")
        encode_mp3(master, mp3, seconds=seconds)
        return Narration(
            scenes=scenes,
            master=_stored(context, master),
            mp3=_stored(context, mp3),
            duration_frames=frames,
            duration_ms=round(seconds * 1_000),
            loudness_lufs=loudness.lufs,
            true_peak_db=loudness.true_peak_db,
        )


def _joined(request: JoinRequest, raw: Path, context: Context) -> tuple[SceneAudio, ...]:
    takes = [context.store.fetch(take.audio) for take in request.takes]
    placements = join_takes(takes, request.ends_paragraph, raw)
    return tuple(
        _scene(take.scene_id, take.audio, placement, take.word_times)
        for take, placement in zip(request.takes, placements, strict=True)
    )


def _cut(reading: Reading, raw: Path, context: Context) -> tuple[SceneAudio, ...]:
    context.progress(0.05, "Opening your recording")
    opened = context.scratch / "recording.wav"
    decompress(context.store.fetch(reading.recording.file), opened)
    tidy_reading(opened, raw)
    opened.unlink()
    context.progress(0.15, "Finding the scenes in your recording")
    reader: RecordingSpeaker = context.provider
    tokens = tuple(scene.tokens for scene in reading.scenes)
    cut = reader.cut(CutRequest(tokens, raw, reading.language))
    takes = cut_reading(raw, cut.ends, context.scratch)
    return tuple(
        _scene(scene.scene_id, _stored(context, take), placement, None)
        for scene, (take, placement) in zip(reading.scenes, takes, strict=True)
    )


def _scene(
    scene_id: str, take: Blob, placement: ScenePlacement, word_times: tuple[TokenTime, ...] | None
) -> SceneAudio:
    return SceneAudio(
        scene_id=scene_id,
        take=take,
        start_frame=placement.start_frame,
        frames=placement.frames,
        lead_samples=placement.lead_samples,
        trim_samples=placement.trim_samples,
        voiced_samples=placement.voiced_samples,
        word_times=word_times,
    )


def _stored(context: Context, path: Path) -> Blob:
    return context.store.put(path, path.suffix)
