"""The sound of a film as a unit of the render step: mixed once, made again only when voice or music changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import FPS, AudioMix, Blob, Music, Timeline
from apps.pipeline.providers.errors import Transient
from apps.pipeline.render.audio import MusicBed, mix_audio
from apps.pipeline.render.gate import failed, figures
from apps.pipeline.render.music import ambient_wav
from apps.pipeline.render.plan import file_of
from apps.pipeline.render.speech import Span, speech_spans
from apps.pipeline.steps.base import Context

_UNIT = "sound"
_VERSION = 2


@dataclass(frozen=True)
class SoundRequest:
    """What the sound depends on; `speech` in seconds. Names of files in the package are left out."""

    version: int
    narration: Blob
    music: Music
    music_file: Blob | None
    frames: int
    speech: tuple[Span, ...]


def sound_request(timeline: Timeline) -> SoundRequest:
    """Return what the timeline's sound depends on."""
    music = timeline.music
    return SoundRequest(
        version=_VERSION,
        narration=file_of(timeline.narration),
        music=Music(music.kind, None, music.seed, music.volume_db, music.fade_in_seconds, music.fade_out_seconds),
        music_file=file_of(music.file) if music.file else None,
        frames=timeline.duration_frames,
        speech=speech_spans(timeline.captions.blocks, timeline.fps),
    )


def recall_or_mix(request: SoundRequest, context: Context) -> AudioMix:
    """Return the film's sound. Raises Transient ("quality_gate") when a check of it fails."""
    found = context.recall(_UNIT, request, AudioMix)
    if found is not None:
        return found
    mix = _mix(request, context)
    if failed(mix.verdicts):
        raise Transient("quality_gate", figures(mix.verdicts))
    context.keep(_UNIT, request, mix)
    return mix


def _mix(request: SoundRequest, context: Context) -> AudioMix:
    folder = context.scratch / _UNIT
    folder.mkdir()
    narration = context.store.fetch(request.narration)
    mixed = mix_audio(narration, _bed(request, folder, context), request.frames, request.speech, folder)
    return AudioMix(
        wav=context.store.put(mixed.wav, ".wav"),
        mp3=context.store.put(mixed.mp3, ".mp3"),
        m4a=context.store.put(mixed.m4a, ".m4a"),
        samples=mixed.samples,
        loudness_lufs=mixed.loudness_lufs,
        true_peak_db=mixed.true_peak_db,
        verdicts=mixed.verdicts,
    )


def _bed(request: SoundRequest, folder: Path, context: Context) -> MusicBed | None:
    music = request.music
    if music.kind == "none":
        return None
    if request.music_file is not None:
        path = context.store.fetch(request.music_file)
    else:
        path = folder / "music.wav"
        ambient_wav(path, request.frames / FPS, music.seed)
    return MusicBed(path, music.volume_db, music.fade_in_seconds, music.fade_out_seconds)
