"""What an attempt to make a video sets aside: the same for the button that names it and the action that does it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.billing import prices
from apps.pipeline import quotes
from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Brief, Script
from apps.pipeline.models import Job, JobStep
from apps.pipeline.queries import are_files_gone
from apps.pipeline.states import JobState
from apps.pipeline.stopped_tries import kept_of_changes, kept_of_retry, kept_of_video


@dataclass(frozen=True)
class AttemptPrice:
    """Credits: `price` for the video or the changed scenes, `reserved` what of it is not paid yet."""

    price: int
    reserved: int


@dataclass(frozen=True)
class _Length:
    """How long the words of one job take to say, by its script."""

    job_id: UUID
    is_ready: bool
    seconds: float


def price_of_attempt(
    brief: Brief, *, changed_scenes: int = 0, longer_seconds: float = 0.0, kept: int = 0
) -> AttemptPrice:
    """Return what starting a video now would set aside, of whose price stopped tries before `kept` a part. No query.

    Changed scenes never cost more than the video itself. Words that were written since its price was set and make it
    longer by `longer_seconds` cost their whole minutes besides.
    """
    whole = quotes.quote_brief(brief).credits
    making = min(prices.price_of_scenes(changed_scenes), whole) if changed_scenes else whole
    price = making + prices.price_of_longer(minutes=longer_seconds / 60, niche=brief.niche_preset)
    return AttemptPrice(price, max(0, price - kept))


def attempt_of_retry(job: Job) -> tuple[int, AttemptPrice]:
    """Return how many scenes trying this ended job again makes, 0 for all, and its price.

    Two queries, six at most where scenes were changed.
    """
    # Without its files it is made again as a whole.
    changed_scenes = 0 if job.changed_scenes and are_files_gone(job.project_id) else job.changed_scenes
    lengths = _lengths(job.project_id)
    own = next((length.seconds for length in reversed(lengths) if length.job_id == job.pk), 0.0)
    cost = price_of_attempt(
        from_json(job.brief, Brief),
        changed_scenes=changed_scenes,
        longer_seconds=_longer(own, lengths, changed_scenes=changed_scenes),
        kept=kept_of_retry(job) if changed_scenes else kept_of_video(job.project_id),
    )
    return changed_scenes, cost


def price_of_retry(job: Job) -> int:
    """Return the credits that trying this ended job again would set aside. Queries as `attempt_of_retry`."""
    return attempt_of_retry(job)[1].reserved


def price_of_edited(job: Job, brief: Brief, script: Script, *, changed_scenes: int) -> AttemptPrice:
    """Return what making the job's video with its script edited to `script` would set aside.

    `changed_scenes` is 0 where all has to be made. Two queries, three where a change was stopped.
    """
    longer = _longer(script.metadata.estimated_seconds, _lengths(job.project_id), changed_scenes=changed_scenes)
    kept = kept_of_changes(job.project_id, script) if changed_scenes else kept_of_video(job.project_id)
    return price_of_attempt(brief, changed_scenes=changed_scenes, longer_seconds=longer, kept=kept)


def _longer(seconds: float, lengths: list[_Length], *, changed_scenes: int) -> float:
    """Return by how much an edited script is longer than the one whose price was paid, or was named at first."""
    paid = [length.seconds for length in lengths if length.is_ready][-1:] if changed_scenes else []
    before = (paid or [length.seconds for length in lengths[:1]] or [seconds])[0]
    return max(0.0, seconds - before)


def _lengths(project_id: UUID) -> list[_Length]:
    """Return the lengths of the scripts of a project's jobs, as estimated, the oldest job first."""
    rows = JobStep.objects.filter(job__project_id=project_id, step="script", part="", artifact__isnull=False)
    found = rows.order_by("job__created_at").values_list(
        "job_id", "job__state", "artifact__payload__metadata__estimated_seconds"
    )
    return [_Length(job_id, state == JobState.READY, float(seconds or 0.0)) for job_id, state, seconds in found]
