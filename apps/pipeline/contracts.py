"""What crosses a step border: frozen dataclasses, stored as JSON by `apps.pipeline.codec`.

Times are seconds (float) in WordTimings, frames (int) in Timeline, samples at 48 kHz in Narration. All text is NFC.
Every contract is immutable; collections are tuples. Raise SCHEMA_VERSION when a stored field changes its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = 1
FPS = 30
SAMPLE_RATE = 48_000
SAMPLES_PER_FRAME = SAMPLE_RATE // FPS

Niche = Literal["motivation", "explainer", "facts", "history", "finance", "science"]
Shape = Literal["16:9", "9:16", "1:1"]
Pace = Literal["slow", "normal", "fast"]
TranscriptMode = Literal["auto", "manual"]
CaptionStyle = Literal["plain", "boxed", "karaoke", "big_word"]
CaptionPosition = Literal["bottom", "middle", "top"]
AssetKind = Literal[
    "video", "audio", "captions", "image", "thumbnail", "script", "timeline", "plan", "manifest", "archive"
]

NICHES: tuple[Niche, ...] = ("motivation", "explainer", "facts", "history", "finance", "science")
CAPTION_STYLES: tuple[CaptionStyle, ...] = ("plain", "boxed", "karaoke", "big_word")
WORDS_PER_MINUTE: dict[Pace, int] = {"slow": 120, "normal": 150, "fast": 180}
SHAPE_SIZES: dict[Shape, tuple[int, int]] = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1080, 1080)}


@dataclass(frozen=True)
class Blob:
    """A stored file, named by its content. `suffix` has its dot: ".png"."""

    sha256: str
    size_bytes: int
    suffix: str


# ---------------------------------------------------------------- brief


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


# --------------------------------------------------------------- script


@dataclass(frozen=True)
class Token:
    """One word as it is shown and as it is said; `after` is what follows it: " ", or "" in scripts without spaces."""

    display: str
    spoken: str
    after: str = " "


@dataclass(frozen=True)
class Scene:
    """One picture and its sentences. `caption` is a short on-screen title (10 words at most)."""

    scene_id: str
    title: str
    tokens: tuple[Token, ...]
    caption: str
    image_prompt: str
    visual_style: str
    estimated_seconds: float
    ends_paragraph: bool = False

    @property
    def display_text(self) -> str:
        return "".join(token.display + token.after for token in self.tokens).rstrip()

    @property
    def spoken_text(self) -> str:
        return "".join(token.spoken + token.after for token in self.tokens if token.spoken).rstrip()


@dataclass(frozen=True)
class ScriptFacts:
    estimated_seconds: float
    word_count: int
    scene_count: int


@dataclass(frozen=True)
class Script:
    """`written_by` names who wrote the words: "you" (manual), "sample writer" or a model."""

    title: str
    description: str
    language: str
    scenes: tuple[Scene, ...]
    metadata: ScriptFacts
    written_by: str

    @property
    def narration_text(self) -> str:
        return "\n".join(scene.display_text for scene in self.scenes)


# ---------------------------------------------------------------- voice


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


# ------------------------------------------------------------ alignment


@dataclass(frozen=True)
class SceneTimes:
    """Every displayed token of one scene, in seconds from the start of its take; `served_by` names the aligner."""

    scene_id: str
    words: tuple[TokenTime, ...]
    served_by: str


@dataclass(frozen=True)
class Word:
    """One displayed word on the timeline of the whole video, in seconds."""

    text: str
    start: float
    end: float
    confidence: float
    scene_id: str
    after: str = " "


@dataclass(frozen=True)
class CaptionCue:
    """One subtitle: one or two lines, words `first_word` to `last_word` inclusive."""

    start: float
    end: float
    lines: tuple[str, ...]
    first_word: int
    last_word: int


@dataclass(frozen=True)
class WordTimings:
    words: tuple[Word, ...]
    cues: tuple[CaptionCue, ...]
    srt: Blob
    vtt: Blob


# ------------------------------------------------------------- pictures


@dataclass(frozen=True)
class Focus:
    """The point to keep in view, as shares of width and height."""

    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True)
class Shot:
    """What to paint for one scene. `alt` describes the picture to someone who cannot see it."""

    scene_id: str
    prompt: str
    negative_prompt: str
    style: str
    palette: tuple[str, ...]
    niche: Niche
    focus: Focus
    seed: int
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class VisualPlan:
    style: str
    palette: tuple[str, ...]
    shots: tuple[Shot, ...]


@dataclass(frozen=True)
class Picture:
    """A PNG at the target shape and at least its size. `prompt` is the one that was really used."""

    scene_id: str
    image: Blob
    width: int
    height: int
    focus: Focus
    alt: str
    prompt: str
    provider: str


@dataclass(frozen=True)
class ImageSet:
    pictures: tuple[Picture, ...]


# ------------------------------------------------------------- timeline


@dataclass(frozen=True)
class MediaFile:
    """A file of the package by relative path, pinned by content."""

    path: str
    sha256: str
    suffix: str


@dataclass(frozen=True)
class View:
    """A crop of the still: `zoom` 1.0 shows all that fits the shape; centre as shares of the still."""

    zoom: float
    x: float
    y: float


@dataclass(frozen=True)
class Motion:
    """A straight move between two views over the time the still is visible, incoming and outgoing fade included."""

    kind: str
    start: View
    end: View


@dataclass(frozen=True)
class Transition:
    """How a segment begins: "cut" (0 frames) or "fade" from the segment before over `frames`."""

    kind: Literal["cut", "fade"]
    frames: int


@dataclass(frozen=True)
class Overlay:
    """An on-screen title, in frames of the whole video."""

    text: str
    start_frame: int
    end_frame: int


@dataclass(frozen=True)
class Segment:
    """`frames` frames from `start_frame`. Its still stays visible for the next segment's incoming fade."""

    scene_id: str
    start_frame: int
    frames: int
    image: MediaFile
    alt: str
    focus: Focus
    motion: Motion
    transition: Transition
    overlay: Overlay | None = None


@dataclass(frozen=True)
class CaptionWord:
    """Shown word with the frames in which it is the spoken one: [start_frame, end_frame)."""

    text: str
    start_frame: int
    end_frame: int
    after: str = " "


@dataclass(frozen=True)
class CaptionBlock:
    """What stands on the screen during [start_frame, end_frame); blocks never overlap nor cross a segment border."""

    start_frame: int
    end_frame: int
    words: tuple[CaptionWord, ...]


@dataclass(frozen=True)
class CaptionTrack:
    style: CaptionStyle
    position: CaptionPosition
    language: str
    blocks: tuple[CaptionBlock, ...]


@dataclass(frozen=True)
class Music:
    """`file` None with kind "ambient" means: made by the program from `seed`."""

    kind: Literal["none", "ambient", "file"]
    file: MediaFile | None
    seed: int
    volume_db: float
    fade_in_seconds: float
    fade_out_seconds: float


@dataclass(frozen=True)
class Theme:
    accent: str
    background: str


@dataclass(frozen=True)
class Timeline:
    """Everything the renderer needs, self-contained: the same timeline and files give the same bytes."""

    version: int
    fps: int
    width: int
    height: int
    duration_frames: int
    duration_ms: int
    narration: MediaFile
    music: Music
    segments: tuple[Segment, ...]
    captions: CaptionTrack
    theme: Theme


# ----------------------------------------------------- render and package


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
