"""What is rendered, checked and handed over."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts.base import AssetKind, Blob


@dataclass(frozen=True)
class Verdict:
    """One finding of the quality gate: what was measured, against which limit."""

    check: str
    passed: bool
    measured: str
    limit: str
    where: str = ""


@dataclass(frozen=True)
class SegmentFile:
    """One encoded segment (H.264 in MP4, starts with an IDR frame) and its verdicts."""

    scene_id: str
    file: Blob
    frames: int
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class AudioMix:
    """The final sound: `wav` for the package, `mp3` for listening, `m4a` (AAC) for the film."""

    wav: Blob
    mp3: Blob
    m4a: Blob
    samples: int
    loudness_lufs: float
    true_peak_db: float
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Render:
    video: Blob
    mix: AudioMix
    segments: tuple[SegmentFile, ...]
    width: int
    height: int
    fps: int
    frames: int
    duration_ms: int
    codec: str


@dataclass(frozen=True)
class PackagedFile:
    """A file under its name in the package."""

    name: str
    kind: AssetKind
    file: Blob


@dataclass(frozen=True)
class Package:
    """Everything that is handed over. `title` is the video's: the user's own, or the script's."""

    files: tuple[PackagedFile, ...]
    verdicts: tuple[Verdict, ...]
    duration_ms: int
    title: str = ""
