"""When the narration speaks, as far as the captions tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from apps.pipeline.contracts import CaptionBlock

Span: TypeAlias = tuple[float, float]
LEAST_GAP_FRAMES = 9


def speech_spans(blocks: Iterable[CaptionBlock], fps: int) -> tuple[Span, ...]:
    """Return the spans in seconds that words fill; gaps of a few frames between words belong to the span."""
    spans: list[list[int]] = []
    for word in (word for block in blocks for word in block.words):
        if spans and word.start_frame - spans[-1][1] < LEAST_GAP_FRAMES:
            spans[-1][1] = max(spans[-1][1], word.end_frame)
        else:
            spans.append([word.start_frame, word.end_frame])
    return tuple((start / fps, end / fps) for start, end in spans)
