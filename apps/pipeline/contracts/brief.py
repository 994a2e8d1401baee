"""What the user asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apps.pipeline.contracts.base import SAMPLE_RATE, Blob
from canvascast.video_choices import CaptionPosition, CaptionStyle, Niche, Pace, Shape, TranscriptMode


@dataclass(frozen=True)
class VoiceChoice:
    """`speed` multiplies the pace's words a minute; 0.5 to 2."""

    provider: str
    voice_id: str
    speed: float = 1.0
    voice_profile_id: str | None = None


@dataclass(frozen=True)
class Look:
    """Empty strings leave the choice to the niche."""

    visual_style: str = ""
    palette: str = ""
    reference: Blob | None = None


@dataclass(frozen=True)
class CaptionChoice:
    style: CaptionStyle = "boxed"
    position: CaptionPosition = "bottom"


@dataclass(frozen=True)
class MusicChoice:
    """`kind` "file" plays `file`, looped and cut to the video; "ambient" is made by the program from the seed."""

    kind: Literal["none", "ambient", "file"] = "none"
    file: Blob | None = None


@dataclass(frozen=True)
class Recording:
    """The user's own reading of the transcript: a FLAC file of `samples`, 48 kHz mono 16-bit."""

    file: Blob
    samples: int

    @property
    def seconds(self) -> float:
        return self.samples / SAMPLE_RATE


@dataclass(frozen=True)
class Brief:
    """What the user asked for. Frozen when the job is created; a step sees only the fields it declares."""

    prompt: str
    niche_preset: Niche
    target_minutes: float
    transcript_mode: TranscriptMode
    transcript_text: str
    language: str
    shape: Shape
    seed: int
    pace: Pace
    voice: VoiceChoice
    look: Look = Look()
    captions: CaptionChoice = CaptionChoice()
    music: MusicChoice = MusicChoice()
    title: str = ""
    on_screen_titles: bool = False
    recording: Recording | None = None
