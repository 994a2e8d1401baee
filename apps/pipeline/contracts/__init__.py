"""What crosses a step border: frozen dataclasses, stored as JSON by `apps.pipeline.codec`.

Times are seconds (float) in WordTimings, frames (int) in Timeline, samples at 48 kHz in Narration. All text is NFC.
Every contract is immutable; collections are tuples. Raise SCHEMA_VERSION when a stored field changes its meaning.
"""

from apps.pipeline.contracts.base import (
    FPS,
    SAMPLE_RATE,
    SAMPLES_PER_FRAME,
    SCHEMA_VERSION,
    SHAPE_SIZES,
    WORDS_PER_MINUTE,
    AssetKind,
    Blob,
)
from apps.pipeline.contracts.brief import Brief, CaptionChoice, Look, MusicChoice, Recording, VoiceChoice
from apps.pipeline.contracts.delivery import AudioMix, Package, PackagedFile, Render, SegmentFile, Verdict
from apps.pipeline.contracts.pictures import Focus, ImageSet, Picture, Shot, VisualPlan
from apps.pipeline.contracts.script import CAPTION_WORDS, Scene, Script, ScriptFacts, Token
from apps.pipeline.contracts.timeline import (
    CaptionBlock,
    CaptionTrack,
    CaptionWord,
    MediaFile,
    Motion,
    Music,
    Overlay,
    Segment,
    Theme,
    Timeline,
    Transition,
    View,
)
from apps.pipeline.contracts.timing import CaptionCue, SceneTimes, Word, WordTimings
from apps.pipeline.contracts.voice import Narration, SceneAudio, TokenTime, VoiceTake
from canvascast.video_choices import (
    CAPTION_STYLES,
    NICHES,
    CaptionPosition,
    CaptionStyle,
    Niche,
    Pace,
    Shape,
    TranscriptMode,
)

__all__ = [
    "CAPTION_STYLES",
    "CAPTION_WORDS",
    "FPS",
    "NICHES",
    "SAMPLES_PER_FRAME",
    "SAMPLE_RATE",
    "SCHEMA_VERSION",
    "SHAPE_SIZES",
    "WORDS_PER_MINUTE",
    "AssetKind",
    "AudioMix",
    "Blob",
    "Brief",
    "CaptionBlock",
    "CaptionChoice",
    "CaptionCue",
    "CaptionPosition",
    "CaptionStyle",
    "CaptionTrack",
    "CaptionWord",
    "Focus",
    "ImageSet",
    "Look",
    "MediaFile",
    "Motion",
    "Music",
    "MusicChoice",
    "Narration",
    "Niche",
    "Overlay",
    "Pace",
    "Package",
    "PackagedFile",
    "Picture",
    "Recording",
    "Render",
    "Scene",
    "SceneAudio",
    "SceneTimes",
    "Script",
    "ScriptFacts",
    "Segment",
    "SegmentFile",
    "Shape",
    "Shot",
    "Theme",
    "Timeline",
    "Token",
    "TokenTime",
    "TranscriptMode",
    "Transition",
    "Verdict",
    "View",
    "VisualPlan",
    "VoiceChoice",
    "VoiceTake",
    "Word",
    "WordTimings",
]
