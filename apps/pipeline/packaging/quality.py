"""The quality gate: the verdicts that came with the parts, and what can only be judged on the whole."""

from __future__ import annotations

from collections.abc import Sequence

from apps.pipeline.contracts import SAMPLES_PER_FRAME, Blob, Picture, Render, Script, Timeline, Verdict
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.gate import failed, figures, judge, sentence
from apps.pipeline.render.inspect import inspect_captions, inspect_film, inspect_picture
from apps.pipeline.steps.base import BlobStore


def pass_gate(verdicts: Sequence[Verdict]) -> None:
    """Raises Rejected("quality_gate") with a sentence for the customer and the figures for the log."""
    if failed(verdicts):
        raise Rejected("quality_gate", sentence(verdicts), figures(verdicts))


def part_verdicts(render: Render, timeline: Timeline) -> tuple[Verdict, ...]:
    """Return the cached verdicts of segments and sound; a part without any was not looked at and fails."""
    checked = sum(bool(segment.verdicts) for segment in render.segments)
    return (
        judge("segments_checked", checked, len(timeline.segments)),
        judge("sound_checked", str(bool(render.mix.verdicts)), "True"),
        *(verdict for segment in render.segments for verdict in segment.verdicts),
        *render.mix.verdicts,
    )


def picture_verdicts(pictures: Sequence[Picture], store: BlobStore) -> tuple[Verdict, ...]:
    """Return one verdict per still: is it more than a single colour?"""
    return tuple(
        verdict for picture in pictures for verdict in inspect_picture(store.fetch(picture.image), picture.scene_id)
    )


def film_verdicts(render: Render, timeline: Timeline, store: BlobStore) -> tuple[Verdict, ...]:
    """Return the verdicts on the film as a whole; its sound must be as long as the timeline, not as the mix."""
    frames = timeline.duration_frames
    samples = frames * SAMPLES_PER_FRAME
    return inspect_film(store.fetch(render.video), frames, timeline.fps, samples, (timeline.width, timeline.height))


def caption_verdicts(script: Script, srt: Blob, vtt: Blob, duration_ms: int, store: BlobStore) -> tuple[Verdict, ...]:
    """Return the verdicts on both caption files against the script's displayed words."""
    words = [token.display for scene in script.scenes for token in scene.tokens]
    srt_text, vtt_text = (store.fetch(blob).read_text("utf-8") for blob in (srt, vtt))
    return inspect_captions(srt_text, vtt_text, words, duration_ms)
