"""The fixed piece of work: stills of six seconds with five motions and half-second fades, and 147 words a minute."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import msgspec

from apps.pipeline.codec import from_json, to_json
from apps.pipeline.contracts import (
    FPS,
    Blob,
    CaptionChoice,
    Focus,
    MediaFile,
    Motion,
    MusicChoice,
    Timeline,
    View,
)
from apps.pipeline.timeline.blocks import TimedWord
from apps.pipeline.timeline.build import PlannedScene, TimelineRequest, build_timeline
from bench.stills import HEIGHT, WIDTH, write_stills

SCENE_SECONDS = 6
WORDS_PER_SECOND = 2.45
MOTIONS = (
    Motion("zoom_in", View(1.00, 0.5, 0.5), View(1.15, 0.5, 0.5)),
    Motion("zoom_out_drift", View(1.18, 0.53365, 0.47051), View(1.02, 0.5, 0.5)),
    Motion("pan", View(1.12, 0.45229, 0.50518), View(1.12, 0.54771, 0.49209)),
    Motion("zoom_to_point", View(1.05, 0.5, 0.5), View(1.20, 0.46055, 0.53945)),
    Motion("diagonal", View(1.10, 0.51116, 0.53418), View(1.10, 0.48884, 0.46582)),
)
TEXT = (
    "Long before the first cities rose beside the river, people watched the sky and told stories about the lights "
    "they saw. Every night the same patterns returned, and every season the patterns shifted a little further toward "
    "the west. Farmers learned to plant when one bright star appeared at dawn, and sailors learned to steer by another "
    "that never moved. Slowly the stories became tables, the tables became clocks, and the clocks began to measure "
    "everything we do."
)


@dataclass(frozen=True)
class WorkItem:
    """A timeline and the folder of its files, named by content."""

    timeline: Timeline
    folder: Path

    @property
    def path(self) -> Path:
        """Where the timeline itself stands as JSON."""
        return self.folder / f"timeline_{self.timeline.duration_frames}.json"

    @property
    def sound_path(self) -> Path:
        """Where the mixed sound stands once it was made."""
        return self.path.with_suffix(".m4a")

    def resolve(self, media: MediaFile) -> Path:
        """Return the local path of one of the timeline's files."""
        return self.folder / f"{media.sha256}{media.suffix}"


def make_item(folder: Path, seconds: int) -> WorkItem:
    """Build the item of `seconds` (whole scenes of six) in `folder`, which keeps the stills for the next time."""
    blobs = [_stored(path, folder) for path in write_stills(folder / "stills")]
    scenes = max(1, seconds // SCENE_SECONDS)
    words = _timed_words(scenes * SCENE_SECONDS)
    request = TimelineRequest(
        scenes=tuple(_scene(number, blobs[number % len(blobs)], words) for number in range(scenes)),
        narration=Blob("0" * 64, 0, ".wav"),
        language="en",
        shape="16:9",
        niche="explainer",
        captions=CaptionChoice("karaoke", "bottom"),
        music=MusicChoice("ambient"),
        seed=1,
    )
    item = WorkItem(_with_fixed_motions(build_timeline(request)), folder)
    item.path.write_bytes(msgspec.json.encode(to_json(item.timeline)))
    return item


def load_item(path: Path) -> WorkItem:
    """Read back the item whose timeline stands at `path`."""
    return WorkItem(from_json(msgspec.json.decode(path.read_bytes()), Timeline), path.parent)


def _stored(path: Path, folder: Path) -> Blob:
    content = path.read_bytes()
    blob = Blob(hashlib.sha256(content).hexdigest(), len(content), path.suffix)
    (folder / f"{blob.sha256}{blob.suffix}").write_bytes(content)
    return blob


def _scene(number: int, still: Blob, words: list[TimedWord]) -> PlannedScene:
    start, end = number * SCENE_SECONDS, (number + 1) * SCENE_SECONDS
    return PlannedScene(
        scene_id=f"scene-{number}",
        start_frame=start * FPS,
        frames=SCENE_SECONDS * FPS,
        title="",
        image=still,
        width=WIDTH,
        height=HEIGHT,
        focus=Focus(),
        alt="",
        words=tuple(word for word in words if start <= word.start < end),
    )


def _timed_words(seconds: int) -> list[TimedWord]:
    """Words follow each other without a gap; a longer word and a pause mark take longer."""
    spoken = TEXT.split()
    count = int(seconds * WORDS_PER_SECOND)
    words = (spoken * math.ceil(count / len(spoken)))[:count]
    weights = [len(word) + 2 + (3 if word[-1] in ".," else 0) for word in words]
    ends = [0.1 + (seconds - 0.4) * total / sum(weights) for total in accumulate(weights)]
    starts = [0.1, *ends[:-1]]
    return [TimedWord(word, " ", start, end) for word, start, end in zip(words, starts, ends, strict=True)]


def _with_fixed_motions(timeline: Timeline) -> Timeline:
    segments = (
        replace(segment, motion=MOTIONS[number % len(MOTIONS)]) for number, segment in enumerate(timeline.segments)
    )
    return replace(timeline, segments=tuple(segments))
