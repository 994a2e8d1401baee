"""Look at what was made before it is delivered: segments by pixels, the film by packets, captions by their text.

Nothing here raises for a bad file: what is wrong comes back as a failed `Verdict`. Limits live in `gate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pysubs2

from apps.pipeline.contracts import SAMPLE_RATE, Verdict
from apps.pipeline.render.gate import BLACK_LUMA, FLAT_DEVIATION, FLAT_SPREAD, LOOK_FRAMES, STILL_SHARE, judge
from apps.pipeline.render.luma import Grey, grid, parted, spread, upper
from apps.pipeline.subtitles import shown_text

_LOOKED_AT_SIZE = (160, 160)
# What decoding raises of a file that is not whole.
BROKEN_FILE = (av.error.FFmpegError, OSError, ValueError, IndexError)


@dataclass(frozen=True)
class SegmentExpectation:
    """What a segment must be.

    `may_freeze`: nobody could see it move. `may_be_dark`: its still is itself nearly black. What happens in the rows of
    the captions (`caption_rows`, the first and one past the last) says little about the picture.
    """

    frames: int
    width: int
    height: int
    fps: int
    may_freeze: bool = False
    may_be_dark: bool = False
    caption_rows: tuple[int, int] | None = None


def inspect_segment(path: Path, expected: SegmentExpectation, where: str = "") -> tuple[Verdict, ...]:
    """Decode the whole segment and judge count, size, darkness, flatness and movement.

    Costs one single-threaded decode plus about 0.1 ms a frame. `where` names the scene in the verdicts.
    """
    watch = _Watch(expected.caption_rows)
    fault = "in full"
    try:
        _watch_frames(path, watch)
    except BROKEN_FILE as error:
        fault = type(error).__name__
    return (
        judge("segment_decodes", fault, "in full", where),
        judge("segment_frames", watch.frames, expected.frames, where),
        judge("segment_size", ", ".join(sorted(watch.sizes)), f"{expected.width}x{expected.height}", where),
        judge("segment_black", 0 if expected.may_be_dark else watch.black.longest, where=where),
        judge("segment_flat", watch.flat.longest, where=where),
        judge("segment_frozen", 0 if expected.may_freeze else watch.frozen.longest, where=where),
    )


def inspect_film(
    path: Path, frames: int, fps: int, samples: int, size: tuple[int, int] | None = None
) -> tuple[Verdict, ...]:
    """Judge the joined film by packets and duration alone: nothing is decoded.

    `samples` is the length of the sound at 48 kHz; `size` is width and height where the caller knows them.
    """
    try:
        return _film_verdicts(_read_packets(path), _has_index_first(path), frames, fps, samples, size)
    except BROKEN_FILE as error:
        return (judge("film_streams", type(error).__name__, "h264 yuv420p, aac"),)


def inspect_captions(srt_text: str, vtt_text: str, words: Sequence[str], duration_ms: int) -> tuple[Verdict, ...]:
    """Judge both caption files: they parse, hold every word in order, and their cues lie in order inside the film."""
    return tuple(
        verdict
        for text, kind in ((srt_text, "srt"), (vtt_text, "vtt"))
        for verdict in _caption_verdicts(text, kind, words, duration_ms)
    )


def inspect_picture(path: Path, where: str = "") -> tuple[Verdict, ...]:
    """Judge a still: a picture of nearly one colour, or one that cannot be read, fails."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    deviation = 0.0
    if picture is not None:
        small = cv2.resize(picture, _LOOKED_AT_SIZE, interpolation=cv2.INTER_AREA)
        deviation = round(float(small.reshape(-1, 3).std(axis=0).max()), 1)
    return (judge("picture_flat", deviation, where=where),)


@dataclass
class _Run:
    """The longest run of consecutive frames for which something held."""

    longest: int = 0
    current: int = 0

    def note(self, holds: bool, frames: int = 1) -> None:
        self.current = self.current + frames if holds else 0
        self.longest = max(self.longest, self.current)


@dataclass
class _Watch:
    caption_rows: tuple[int, int] | None
    frames: int = 0
    sizes: set[str] = field(default_factory=set)
    black: _Run = field(default_factory=_Run)
    flat: _Run = field(default_factory=_Run)
    frozen: _Run = field(default_factory=_Run)
    looked_at: Grey | None = None

    def see(self, frame: Any) -> None:  # Any: av.VideoFrame
        grey = grid(frame)
        self.sizes.add(f"{frame.width}x{frame.height}")
        self.black.note(upper(grey) <= BLACK_LUMA)
        self.flat.note(self._is_flat(frame, grey))
        if self.frames % LOOK_FRAMES == 0:
            self._look(grey)
        self.frames += 1

    def _is_flat(self, frame: Any, grey: Grey) -> bool:  # Any: av.VideoFrame
        lettered, clear = parted(grey, self.caption_rows)
        if np.concatenate(clear).std() >= FLAT_DEVIATION or spread(lettered) > FLAT_SPREAD:
            return False
        return all(grid(frame, plane).std() < FLAT_DEVIATION for plane in (1, 2))

    def _look(self, grey: Grey) -> None:
        if self.looked_at is not None:
            _, changed = parted(self.looked_at != grey, self.caption_rows)
            self.frozen.note(max(band.mean() for band in changed) < STILL_SHARE, LOOK_FRAMES)
        self.looked_at = grey


def _watch_frames(path: Path, watch: _Watch) -> None:
    with av.open(str(path), format="mp4") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        # A fifth of the decoder's time goes into smoothing block edges, which none of the checks needs.
        stream.codec_context.options = {"skip_loop_filter": "all"}
        for frame in container.decode(stream):
            watch.see(frame)


@dataclass
class _Film:
    video: str = ""
    audio: str = ""
    size: tuple[int, int] = (0, 0)
    times: list[float] = field(default_factory=list)
    decode_order_breaks: int = 0
    first_is_key: bool = False
    audio_end: float = 0.0


def _read_packets(path: Path) -> _Film:
    film = _Film()
    last_dts: int | None = None
    with av.open(str(path), format="mp4") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        film.video = f"{video.codec_context.name} {video.codec_context.pix_fmt}"
        film.audio = audio.codec_context.name
        film.size = (video.codec_context.width, video.codec_context.height)
        for packet in container.demux(video, audio):
            if packet.pts is None or packet.dts is None:
                continue
            if packet.stream is audio:
                film.audio_end = max(film.audio_end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
                continue
            if not film.times:
                film.first_is_key = packet.is_keyframe
            film.decode_order_breaks += last_dts is not None and packet.dts <= last_dts
            last_dts = packet.dts
            film.times.append(float(packet.pts * packet.time_base))
    return film


def _film_verdicts(
    film: _Film, index_first: bool, frames: int, fps: int, samples: int, size: tuple[int, int] | None
) -> tuple[Verdict, ...]:
    width, height = size or film.size
    expected = f"h264 yuv420p, aac, {width}x{height}"
    streams = f"{film.video}, {film.audio}, {film.size[0]}x{film.size[1]}"
    misplaced = sum(abs(time * fps - index) > 0.1 for index, time in enumerate(sorted(film.times)))
    return (
        judge("film_streams", streams, expected),
        judge("film_frames", len(film.times), frames),
        judge("film_steady", misplaced + film.decode_order_breaks, 0),
        judge("film_first_key", str(film.first_is_key), "True"),
        judge("film_audio", round(abs(film.audio_end - samples / SAMPLE_RATE) * fps, 3)),
        judge("film_faststart", str(index_first), "True"),
    )


def _has_index_first(path: Path) -> bool:
    """Walk the top-level boxes (ISO 14496-12, 4.2): whether `moov` comes before `mdat`."""
    with path.open("rb") as film:
        while len(header := film.read(8)) == 8:
            length, kind = int.from_bytes(header[:4], "big"), header[4:]
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            if length < 8:
                return False
            film.seek(length - 8, 1)
    return False


def _caption_verdicts(text: str, kind: str, words: Sequence[str], duration_ms: int) -> tuple[Verdict, ...]:
    try:
        cues = pysubs2.SSAFile.from_string(text, format_=kind).events
    except (pysubs2.exceptions.Pysubs2Error, ValueError) as error:
        return (judge("captions_parse", type(error).__name__, "readable", kind),)
    shown = _squeezed(" ".join(shown_text(cue.text, kind) for cue in cues))
    misplaced = sum(
        not previous_end <= cue.start < cue.end <= duration_ms
        for previous_end, cue in zip([0, *(cue.end for cue in cues)], cues, strict=False)
    )
    return (
        judge("captions_parse", "readable", "readable", kind),
        judge("captions_words", _words_in_order(shown, words), len(words), kind),
        judge("captions_times", misplaced, 0, kind),
    )


def _words_in_order(shown: str, words: Sequence[str]) -> int:
    """Return how many words stand one after the other from the start of `shown`, or -1 when something is left over."""
    position = 0
    for count, word in enumerate(map(_squeezed, words)):
        if not shown.startswith(word, position):
            return count
        position += len(word)
    return len(words) if position == len(shown) else -1


def _squeezed(text: str) -> str:
    return "".join(text.split())
