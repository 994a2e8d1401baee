"""Small real videos for tests: a textured still seen through a moving crop, encoded by x264, with a tone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

WIDTH, HEIGHT = 640, 360


def texture(seed: int = 1) -> np.ndarray:
    """A grey still, larger than the clips, with soft shapes over the whole range."""
    noise = np.random.default_rng(seed).uniform(0, 255, (HEIGHT + 100, WIDTH + 100)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 5)
    return np.clip((soft - soft.mean()) * 12 + 120, 16, 235).astype(np.uint8)


def moving(frames: int) -> Iterator[np.ndarray]:
    still = texture()
    for index in range(frames):
        yield still[index // 3 : index // 3 + HEIGHT, index // 2 : index // 2 + WIDTH]


def holding(frames: int, luma: int | None = None) -> Iterator[np.ndarray]:
    """The same picture again and again: the texture, or one level of grey."""
    still = texture()[:HEIGHT, :WIDTH] if luma is None else np.full((HEIGHT, WIDTH), luma, np.uint8)
    for _ in range(frames):
        yield still


def captioned(pictures: Iterator[np.ndarray], baseline: int = 330) -> Iterator[np.ndarray]:
    for index, picture in enumerate(pictures):
        lettered = picture.copy()
        cv2.putText(lettered, f"word {index // 8}", (200, baseline), cv2.FONT_HERSHEY_SIMPLEX, 1, 235, 3)
        yield lettered


def encode(path: Path, pictures: Iterator[np.ndarray], *, audio_samples: int = 0, faststart: bool = True) -> Path:
    """Write the pictures at 30 fps, with a tone of `audio_samples` at 48 kHz when there are any."""
    options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        video = container.add_stream("libx264", rate=30, width=WIDTH, height=HEIGHT, pix_fmt="yuv420p")
        video.codec_context.options = {"preset": "superfast", "crf": "19", "x264-params": "mbtree=1:rc-lookahead=10"}
        audio = container.add_stream("aac", rate=48_000, layout="mono") if audio_samples else None
        for index, picture in enumerate(pictures):
            container.mux(video.encode(_frame(picture, index)))
        container.mux(video.encode())
        if audio:
            container.mux(audio.encode(_tone(audio_samples)))
            container.mux(audio.encode())
    return path


def _frame(picture: np.ndarray, index: int) -> av.VideoFrame:
    chroma = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.vstack([picture, chroma])), "yuv420p")
    frame.pts = index
    return frame


def _tone(samples: int) -> av.AudioFrame:
    wave = (np.sin(np.arange(samples) * 0.06) * 0.3).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], "fltp", "mono")
    frame.sample_rate = 48_000
    return frame
