"""The item as a MoviePy user would write it: `python moviepy_film.py TIMELINE OUT FONT`, in MoviePy's own environment.

One composition: stills with a resize and a position over time, cross-fades, a text clip per caption and one per word.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moviepy import CompositeVideoClip, ImageClip, TextClip, VideoClip, vfx
from PIL import Image, ImageFont

FONT_SIZE = 71
STROKE = 5
BOTTOM = 90

Plan = dict[str, Any]  # Any: JSON


def film(plan: Plan, folder: Path, font: str) -> CompositeVideoClip:
    """Return the whole composition."""
    segments = plan["segments"]
    stills = [_still(plan, number, folder) for number in range(len(segments))]
    words = [clip for block in plan["captions"]["blocks"] for clip in _caption(plan, block, font)]
    composed = CompositeVideoClip([*stills, *words], size=(plan["width"], plan["height"]))
    return composed.with_duration(plan["duration_frames"] / plan["fps"])


def _still(plan: Plan, number: int, folder: Path) -> VideoClip:
    segment, fps = plan["segments"][number], plan["fps"]
    following = plan["segments"][number + 1 : number + 2]
    seconds = (segment["frames"] + sum(after["transition"]["frames"] for after in following)) / fps
    path = folder / f"{segment['image']['sha256']}{segment['image']['suffix']}"
    with Image.open(path) as picture:
        width, height = picture.size
    camera = _Camera(plan, segment["motion"], (width, height), seconds)
    clip = ImageClip(str(path)).with_duration(seconds).resized(camera.scale).with_position(camera.position)
    fade = segment["transition"]["frames"] / fps
    return clip.with_start(segment["start_frame"] / fps).with_effects([vfx.CrossFadeIn(fade)] if fade else [])


class _Camera:
    """Scale and position of a still over time that show the view of its motion."""

    def __init__(self, plan: Plan, motion: Plan, still: tuple[int, int], seconds: float) -> None:
        self._output = (plan["width"], plan["height"])
        self._fit = max(self._output[0] / still[0], self._output[1] / still[1])
        self._motion, self._still, self._seconds = motion, still, seconds

    def scale(self, t: float) -> float:
        return self._fit * self._at("zoom", t)

    def position(self, t: float) -> tuple[float, float]:
        scale = self.scale(t)
        left = self._output[0] / 2 - self._at("x", t) * self._still[0] * scale
        top = self._output[1] / 2 - self._at("y", t) * self._still[1] * scale
        return left, top

    def _at(self, name: str, t: float) -> float:
        start, end = self._motion["start"][name], self._motion["end"][name]
        return float(start + (end - start) * min(t / self._seconds, 1.0))


def _caption(plan: Plan, block: Plan, font: str) -> Iterator[VideoClip]:
    """The block in white, and each word again in the accent colour while it is spoken."""
    fps, words = plan["fps"], block["words"]
    line = "".join(word["text"] + word["after"] for word in words).rstrip()
    measure = ImageFont.truetype(font, FONT_SIZE).getlength
    left, top = (plan["width"] - measure(line)) / 2, plan["height"] - BOTTOM - 2 * FONT_SIZE
    yield _text(line, font, "white", block["start_frame"], block["end_frame"], fps).with_position((left, top))
    before = ""
    for word in words:
        marked = _text(word["text"], font, plan["theme"]["accent"], word["start_frame"], word["end_frame"], fps)
        yield marked.with_position((left + measure(before), top))
        before += word["text"] + word["after"]


def _text(text: str, font: str, colour: str, start: int, end: int, fps: int) -> VideoClip:
    clip = TextClip(
        font=font,
        text=text,
        font_size=FONT_SIZE,
        color=colour,
        stroke_color="black",
        stroke_width=STROKE,
        margin=(0, FONT_SIZE // 4),
    )
    return clip.with_start(start / fps).with_duration((end - start) / fps)


def main() -> None:
    timeline, out, font = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    plan = json.loads(timeline.read_bytes())
    film(plan, timeline.parent, font).write_videofile(
        str(out), fps=plan["fps"], codec="libx264", audio=False, logger=None
    )
    print(json.dumps({"frames": plan["duration_frames"], "size_bytes": out.stat().st_size}))


if __name__ == "__main__":
    main()
