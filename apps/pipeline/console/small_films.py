"""A finished film made small enough to lie among a page's static files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

SIZE = (480, 270)
_SAMPLE_RATE = 24_000
# A film of 12 seconds stays under 200 KB.
_VIDEO = {"preset": "veryslow", "crf": "29", "maxrate": "78k", "bufsize": "180k"}
_AUDIO_BITS_A_SECOND = 32_000
_POSTER_QUALITY = 72


def write_small_film(source: Path, target: Path) -> None:
    """Write `source` at 480x270 as H.264 with mono AAC, ready to be played while it loads."""
    with av.open(str(source)) as film, av.open(str(target), "w", format="mp4", options=_container_options()) as small:
        pictures = _picture_stream(small, film.streams.video[0])
        sound = small.add_stream("aac", rate=_SAMPLE_RATE, layout="mono", bit_rate=_AUDIO_BITS_A_SECOND)
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=_SAMPLE_RATE)
        for frame in film.decode(film.streams.video[0], film.streams.audio[0]):
            if isinstance(frame, av.VideoFrame):
                small.mux(pictures.encode(frame.reformat(*SIZE, format="yuv420p", interpolation="LANCZOS")))
            elif isinstance(frame, av.AudioFrame):
                for part in resampler.resample(frame):
                    small.mux(sound.encode(part))
        for part in resampler.resample(None):
            small.mux(sound.encode(part))
        small.mux(pictures.encode(None))
        small.mux(sound.encode(None))


def write_poster(source: Path, target: Path, *, at_seconds: float) -> None:
    """Write the frame shown at that moment as WebP, as large as the small film."""
    with av.open(str(source)) as film:
        frames = film.decode(film.streams.video[0])
        shown = next(frame for frame in frames if frame.time >= at_seconds)
        image: Image.Image = shown.to_image()  # type: ignore[no-untyped-call]  # PyAV has no types for it
    image.resize(SIZE, Image.Resampling.LANCZOS).save(target, "WEBP", quality=_POSTER_QUALITY, method=6)


def _container_options() -> dict[str, str]:
    return {"movflags": "+faststart", "fflags": "+bitexact"}


def _picture_stream(small: Any, like: Any) -> Any:  # Any: PyAV's wheel has no types we follow
    stream = small.add_stream("libx264", rate=like.average_rate, options=_VIDEO)
    stream.width, stream.height = SIZE
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, int(like.average_rate))
    return stream
