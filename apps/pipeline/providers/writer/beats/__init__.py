"""The sample writer's own words: per niche, what to ask about any topic. They state no fact about the topic itself."""

from __future__ import annotations

from apps.pipeline.contracts import Niche
from apps.pipeline.providers.writer.beats.base import Beat
from apps.pipeline.providers.writer.beats.explainer import EXPLAINER
from apps.pipeline.providers.writer.beats.facts import FACTS
from apps.pipeline.providers.writer.beats.finance import FINANCE
from apps.pipeline.providers.writer.beats.history import HISTORY
from apps.pipeline.providers.writer.beats.motivation import MOTIVATION
from apps.pipeline.providers.writer.beats.science import SCIENCE
from apps.pipeline.providers.writer.beats.shared import CHECKING, KEEPING

BEATS: dict[Niche, tuple[Beat, ...]] = {
    "motivation": MOTIVATION,
    "explainer": EXPLAINER,
    "facts": FACTS,
    "history": HISTORY,
    "finance": FINANCE,
    "science": SCIENCE,
}

__all__ = ["BEATS", "CHECKING", "KEEPING", "Beat"]
