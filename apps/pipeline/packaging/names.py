"""Every file name that can occur in a package. Names come from here and from numbers, never from text."""

from __future__ import annotations

import re

VIDEO = "video.mp4"
AUDIO_MP3 = "audio.mp3"
AUDIO_WAV = "audio.wav"
CAPTIONS_SRT = "captions.srt"
CAPTIONS_VTT = "captions.vtt"
CHAPTERS_VTT = "chapters.vtt"
SCRIPT_JSON = "script.json"
SCRIPT_TEXT = "script.txt"
TIMELINE = "timeline.json"
SCENE_PLAN = "scene_plan.json"
ALIGNMENT = "alignment.json"
MANIFEST = "manifest.json"
ARCHIVE = "assets.zip"
NARRATION = "audio/narration.wav"

PATTERN = re.compile(r"(?:[a-z]{1,20}/)?[a-z0-9_-]{1,80}\.[a-z0-9]{2,4}")


def image_name(number: int) -> str:
    """Return the name of scene `number`'s still; scenes count from 1."""
    return f"images/scene_{number:03d}.png"


def music_name(suffix: str) -> str:
    """Return the name of the music file that was chosen; `suffix` has its dot."""
    return f"audio/music{suffix}"


def thumbnail_name(height: int) -> str:
    """Return the name of the thumbnail that is `height` pixels high."""
    return f"thumbnails/thumbnail_{height}.jpg"


def choice_name(number: int) -> str:
    """Return the name of the thumbnail that is the `number`th choice; thumbnail_1080 is the first."""
    return f"thumbnails/choice_{number}.jpg"


POSTER_HEIGHT = 540
POSTER = thumbnail_name(POSTER_HEIGHT)
"""The picture that stands for a video: in lists, in mails, before it plays."""
