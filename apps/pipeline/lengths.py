"""How long a video in the making will be: by its script once that is written, before by what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import caches

from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Brief
from apps.pipeline.models import Artifact, Job
from apps.pipeline.quotes import quote_brief
from apps.pipeline.shown_rows import ShownRow, main_row

_KEPT_SECONDS = 60


@dataclass(frozen=True)
class Length:
    minutes: float
    scenes: int


def length_of(job: Job, rows: Sequence[ShownRow]) -> Length:
    """Return the length as far as it is known. At most one query a minute a process."""
    script = main_row(rows, "script")
    made_from = script.artifact_id if script is not None else None
    found = caches["process"].get_or_set(
        f"length:{job.pk}:{made_from}", lambda: _written(made_from) or _asked(job), _KEPT_SECONDS
    )
    assert isinstance(found, Length)
    return found


def _written(script_id: UUID | None) -> Length | None:
    """A script that was erased, or is no script, tells nothing."""
    if script_id is None:
        return None
    facts = Artifact.objects.filter(pk=script_id).values_list("payload__metadata", flat=True).first()
    return Length(facts["estimated_seconds"] / 60, facts["scene_count"]) if facts else None


def _asked(job: Job) -> Length:
    quote = quote_brief(from_json(job.brief, Brief))
    return Length(quote.minutes, quote.scenes)
