"""What a finished video was charged and for what, and what its earlier tries were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from apps.billing import prices
from apps.billing.words import with_true_minus
from apps.pipeline.models import Job
from apps.pipeline.states import JobState
from canvascast.amounts import credits_in_words, length_in_words


@dataclass(frozen=True)
class Item:
    """A line of the receipt; what is taken off is below zero."""

    what: str
    credits: int

    @property
    def amount(self) -> str:
        return with_true_minus(self.credits)


@dataclass(frozen=True)
class EarlierTry:
    """A version or try before this one, in words with what it was charged."""

    at: datetime
    what: str
    used: int


@dataclass(frozen=True)
class Receipt:
    """`items` sum up to `used`; `used_in_all` has the earlier tries in it."""

    held: int
    used: int
    back: int
    items: tuple[Item, ...]
    earlier: tuple[EarlierTry, ...]
    used_in_all: int


def receipt_of(job: Job, earlier: Iterable[Job], *, duration_ms: int | None) -> Receipt:
    """Return the receipt of a READY job; without its duration it has no items."""
    tries = tuple(EarlierTry(each.created_at, _outcome(each), each.cost) for each in earlier)
    return Receipt(
        held=job.reserved,
        used=job.cost,
        back=job.reserved - job.cost,
        items=tuple(_items(job, duration_ms)) if duration_ms is not None else (),
        earlier=tries,
        used_in_all=job.cost + sum(each.used for each in tries),
    )


def _items(job: Job, duration_ms: int) -> Iterator[Item]:
    main = _remade(job) if job.changed_scenes else _whole(job, duration_ms)
    paid_before = min(job.price - job.reserved, main.credits)
    ours = main.credits - paid_before - job.cost
    yield main
    if paid_before:
        yield Item("Paid in a try you stopped", -paid_before)
    if ours:
        yield Item("More than we quoted: ours to pay", -ours)


def _remade(job: Job) -> Item:
    scenes = "1 scene" if job.changed_scenes == 1 else f"{job.changed_scenes} scenes"
    usual = prices.price_of_scenes(job.changed_scenes)
    note = ", and minutes added" if job.price > usual else ", no more than the video" if job.price < usual else ""
    return Item(f"{scenes} made again, a credit for up to five{note}", job.price)


def _whole(job: Job, duration_ms: int) -> Item:
    niche = job.brief["niche_preset"]
    rate = "1½ credits a minute" if niche == "history" else "a credit a started minute"
    credits = prices.price_of_video(minutes=duration_ms / 60_000, niche=niche)
    return Item(f"{length_in_words(duration_ms / 1000)} of {niche}, {rate}", credits)


def _outcome(job: Job) -> str:
    if job.state == JobState.FAILED:
        return f"Could not be made, all {job.reserved} back" if job.reserved else "Could not be made"
    if job.state == JobState.CANCELED:
        return f"Stopped, {credits_in_words(job.reserved - job.cost)} back"
    return _remade(job).what.split(",")[0] if job.changed_scenes else "First version"
