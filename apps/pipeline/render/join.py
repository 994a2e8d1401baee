"""Segments and sound to one film by moving packets: nothing is decoded or encoded again."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from apps.pipeline.providers.errors import PipelineError

_OPTIONS = {"movflags": "+faststart", "fflags": "+bitexact"}


class SegmentMismatch(PipelineError):
    """Two segments were encoded differently: they cannot share one track."""


def join_film(segments: Sequence[Path], audio: Path | None, target: Path, fps: int) -> None:
    """Write `segments` one after the other, with the AAC track of `audio`, to an MP4 whose index comes first.

    Each segment starts with an IDR frame and refers to no other. The AAC encoder's priming samples stay in front of
    time 0, where players skip them. Equal files give equal bytes. Raises SegmentMismatch.
    """
    with av.open(str(target), "w", format="mp4", options=_OPTIONS) as film:
        video = _add_video(film, segments[0], fps)
        tracks = [_picture_packets(segments, video, fps)]
        if audio is None:
            _mux(film, tracks)
            return
        with av.open(str(audio), format="mp4") as sound:
            track = film.add_stream_from_template(sound.streams.audio[0])
            tracks.append(_sound_packets(sound, track))
            _mux(film, tracks)


_Timed = tuple[Fraction, int, Any]  # Any: av.Packet


def _mux(film: Any, tracks: Sequence[Iterator[_Timed]]) -> None:  # Any: av container
    for _, _, packet in heapq.merge(*tracks, key=lambda timed: timed[:2]):
        film.mux(packet)


def _add_video(film: Any, segment: Path, fps: int) -> Any:  # Any: av container and stream
    with av.open(str(segment), format="mp4") as first:
        video = film.add_stream_from_template(first.streams.video[0])
    video.time_base = Fraction(1, fps)
    return video


def _picture_packets(segments: Sequence[Path], video: Any, fps: int) -> Iterator[_Timed]:  # Any: av stream
    """Decode times count frames without a gap, `delay` frames ahead: the largest reordering in any segment."""
    delay = max(_reordering(segment, fps) for segment in segments)
    base = Fraction(1, fps)
    extradata = None
    index = start = 0
    for segment in segments:
        with av.open(str(segment), format="mp4") as source:
            stream = source.streams.video[0]
            extradata = extradata or stream.codec_context.extradata
            if stream.codec_context.extradata != extradata:
                raise SegmentMismatch("segment_mismatch", f"{segment.name} was encoded with other settings")
            for packet in _packets(source, stream):
                packet.pts = start + _frame(packet, fps)
                packet.dts = index - delay
                packet.duration, packet.time_base, packet.stream = 1, base, video
                index += 1
                yield packet.dts * base, 0, packet
        start = index


def _sound_packets(sound: Any, track: Any) -> Iterator[_Timed]:  # Any: av container and stream
    for packet in _packets(sound, sound.streams.audio[0]):
        at = packet.dts * packet.time_base
        packet.stream = track
        yield at, 1, packet


def _reordering(segment: Path, fps: int) -> int:
    with av.open(str(segment), format="mp4") as source:
        packets = _packets(source, source.streams.video[0])
        return max(index - _frame(packet, fps) for index, packet in enumerate(packets))


def _packets(source: Any, stream: Any) -> Iterator[Any]:  # Any: av container, stream, packets
    return (packet for packet in source.demux(stream) if packet.dts is not None)


def _frame(packet: Any, fps: int) -> int:  # Any: av.Packet
    frame: Fraction = packet.pts * packet.time_base * fps
    return round(frame)
