"""The voice, scene by scene and as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts.base import Blob


@dataclass(frozen=True)
class TokenTime:
    """When token `index` of its scene is heard, in seconds from the start of the scene's audio."""

    index: int
    start: float
    end: float
    confidence: float = 1.0


@dataclass(frozen=True)
class VoiceTake:
    """One scene as the provider spoke it: mono 16-bit PCM at 48 kHz in a WAV, nothing cut or levelled."""

    scene_id: str
    audio: Blob
    samples: int
    word_times: tuple[TokenTime, ...] | None
    provider: str


@dataclass(frozen=True)
class SceneAudio:
    """Where a scene lies in the joined master.

    It starts at `start_frame` and fills `frames` whole frames: `lead_samples` of silence, the trimmed take, then its
    closing pause.

    `trim_samples` were cut from the start of the take: take time t is heard at
    start_frame / FPS + (lead_samples - trim_samples) / SAMPLE_RATE + t.
    """

    scene_id: str
    take: Blob
    start_frame: int
    frames: int
    lead_samples: int
    trim_samples: int
    voiced_samples: int
    word_times: tuple[TokenTime, ...] | None


@dataclass(frozen=True)
class Narration:
    """The whole voice: `master` is a 48 kHz mono 16-bit WAV; `loudness_lufs` and `true_peak_db` were measured on it."""

    scenes: tuple[SceneAudio, ...]
    master: Blob
    mp3: Blob
    duration_frames: int
    duration_ms: int
    loudness_lufs: float
    true_peak_db: float
