"""What a video will cost, before anything is spent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from apps.billing import prices
from apps.pipeline.briefs import Order, build_brief
from apps.pipeline.contracts import WORDS_PER_MINUTE, Brief
from apps.pipeline.offered_voices import Offer, current_offer
from apps.pipeline.text.cleaning import clean_text
from apps.pipeline.text.speaking import SPEAKING_SHARE, words_when_said
from canvascast.amounts import length_in_words

_SCENE_SECONDS = 7


_PAID_STEPS = {"script": "Script", "voice": "Voice", "images": "Pictures", "render": "Film"}


@dataclass(frozen=True)
class Item:
    """One line of a price; a share may be a tenth of a credit."""

    name: str
    credits: Decimal


@dataclass(frozen=True)
class Quote:
    """`credits` is the most that will be charged; `minutes` and `scenes` are estimates."""

    credits: int
    minutes: float
    scenes: int

    @property
    def length(self) -> str:
        """About how long the video will be, to five seconds: "45 s", "2 min", "1 min 30 s"."""
        return length_in_words(max(1, round(self.minutes * 12)) * 5)

    @property
    def items(self) -> tuple[Item, ...]:
        """What the credits are for; together the lines are exactly the price."""
        return tuple(Item(_PAID_STEPS[step], share) for step, share in prices.shares_of(self.credits).items())


def brief_of(order: Order, offer: Offer | None = None) -> Brief:
    """Check the order against the voices of this installation. Raises BriefRefused."""
    return build_brief(order, offer or current_offer())


def quote_order(order: Order) -> Quote:
    """Return the price of an order. Raises BriefRefused."""
    return quote_brief(brief_of(order))


def quote_brief(brief: Brief) -> Quote:
    """Return the price of a checked order: of the asked minutes, or of the time its transcript takes to say.

    A recording of the transcript is as long as it is.
    """
    minutes = brief.target_minutes if brief.transcript_mode == "auto" else _minutes_to_say(brief)
    credits = prices.price_of_video(minutes=minutes, niche=brief.niche_preset)
    return Quote(credits=credits, minutes=minutes, scenes=max(1, round(minutes * 60 / _SCENE_SECONDS)))


def _minutes_to_say(brief: Brief) -> float:
    if brief.recording is not None:
        return brief.recording.seconds / 60
    words = words_when_said(clean_text(brief.transcript_text), brief.language)
    return words / (WORDS_PER_MINUTE[brief.pace] * brief.voice.speed) / SPEAKING_SHARE
