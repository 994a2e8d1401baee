"""A second of film by the whole renderer, to see whether this machine can: picture, caption, sound, join, decode."""

from __future__ import annotations

import hashlib
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PIL import Image

from apps.pipeline.contracts import (
    FPS,
    SAMPLE_RATE,
    CaptionBlock,
    CaptionTrack,
    CaptionWord,
    Focus,
    MediaFile,
    Motion,
    Music,
    Segment,
    Theme,
    Timeline,
    Transition,
    Verdict,
    View,
)
from apps.pipeline.render.audio import mix_audio
from apps.pipeline.render.child_plan import ChildPlan, ChildReport, PlannedSegment
from apps.pipeline.render.child_run import render_in_child
from apps.pipeline.render.gate import failed
from apps.pipeline.render.inspect import BROKEN_FILE, inspect_film
from apps.pipeline.render.join import join_film
from apps.pipeline.render.plan import lettered, segment_requests

_SIZE = (640, 360)
_STALL_SECONDS = 90.0


@dataclass(frozen=True)
class TrialFilm:
    """What was made, in `seconds`; `faults` names the checks that it did not pass."""

    seconds: float
    faults: tuple[str, ...]


def film_one_second(folder: Path, cache_folder: Path) -> TrialFilm:
    """Make the film in `folder` as the steps do, and decode it. Raises what rendering and mixing raise."""
    began = time.monotonic()
    still, narration = _still(folder), folder / "narration.wav"
    _write_tone(narration)
    [request] = segment_requests(_timeline(still))
    segment, film = folder / "segment.mp4", folder / "film.mp4"
    verdicts: list[Verdict] = []

    def hear(report: ChildReport) -> None:
        verdicts.extend(report.verdicts)

    planned = PlannedSegment(0, "trial", lettered(request), str(segment))
    stills = {still.sha256: str(folder / f"{still.sha256}.png")}
    plan = ChildPlan((planned,), stills, "auto", str(cache_folder))
    mixed = mix_audio(narration, None, FPS, [(0.1, 0.9)], folder)
    render_in_child(plan, hear, lambda: None, stall_seconds=_STALL_SECONDS)
    join_film([segment], mixed.m4a, film, FPS)
    verdicts += [*mixed.verdicts, *inspect_film(film, FPS, FPS, mixed.samples, _SIZE)]
    faults = (*(verdict.check for verdict in failed(verdicts)), *_decoding_faults(film))
    return TrialFilm(time.monotonic() - began, faults)


def _still(folder: Path) -> MediaFile:
    """A picture that is neither dark, nor flat: noise over a ramp."""
    noise = np.random.default_rng(7).integers(0, 90, (45, 80, 3), dtype=np.uint8)
    picture = np.asarray(Image.fromarray(noise).resize(_SIZE, Image.Resampling.BICUBIC)).astype(float)
    picture += np.linspace(20, 160, _SIZE[0])[None, :, None]
    path = folder / "still.png"
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    path.rename(folder / f"{sha256}.png")
    return MediaFile("images/trial.png", sha256, ".png")


def _write_tone(path: Path) -> None:
    at = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        sound.writeframes((8000 * np.sin(2 * np.pi * 440 * at)).astype("<i2").tobytes())


def _timeline(still: MediaFile) -> Timeline:
    segment = Segment(
        scene_id="trial",
        start_frame=0,
        frames=FPS,
        image=still,
        alt="",
        focus=Focus(),
        motion=Motion("zoom_in", View(1.0, 0.5, 0.5), View(1.2, 0.6, 0.5)),
        transition=Transition("cut", 0),
    )
    return Timeline(
        version=1,
        fps=FPS,
        width=_SIZE[0],
        height=_SIZE[1],
        duration_frames=FPS,
        duration_ms=1000,
        narration=MediaFile("narration.wav", "", ".wav"),
        music=Music("none", None, 0, 0.0, 0.0, 0.0),
        segments=(segment,),
        captions=CaptionTrack("boxed", "bottom", "en", (CaptionBlock(0, FPS, (CaptionWord("Trial", 0, FPS),)),)),
        theme=Theme("#ffd60a", "#141414"),
    )


def _decoding_faults(film: Path) -> Iterator[str]:
    """Yield what is wrong with the film once every frame and all sound of it are decoded."""
    try:
        with av.open(str(film), format="mp4") as container:
            frames = sum(1 for _ in container.decode(video=0))
        with av.open(str(film), format="mp4") as container:
            samples = sum(frame.samples for frame in container.decode(audio=0))
    except BROKEN_FILE as error:
        yield f"film_decodes ({type(error).__name__})"
        return
    if frames != FPS:
        yield f"film_decodes ({frames} frames of {FPS})"
    if samples < SAMPLE_RATE:
        yield f"film_decodes ({samples} samples of {SAMPLE_RATE})"
