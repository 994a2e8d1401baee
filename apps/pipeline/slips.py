"""The slip while somebody still writes: what the video will cost, or one calm line of what is missing for that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from apps.pipeline.briefs import BriefRefused, Order
from apps.pipeline.estimates import waiting_time
from apps.pipeline.quotes import Quote, quote_order
from canvascast.plain_text import without_controls
from canvascast.video_choices import PROMPT_CHARACTERS

NOTHING_TYPED = "Type your idea, and its length and price stand here before anything is charged."
NOTHING_PASTED = "Paste your script, and its length and price stand here before anything is charged."
TOO_SHORT = f"From {PROMPT_CHARACTERS[0]} characters on, the length and the price stand here."
TO_CORRECT = "The price stands here once what is marked is right."


@dataclass(frozen=True)
class Slip:
    """A quote and when the video could be ready ("3–5 min"), or in `missing` what is still needed for one."""

    quote: Quote | None = None
    ready_in: str = ""
    missing: str = ""


def slip_of(typed: Mapping[str, object]) -> Slip:
    """Return the slip for what was typed and chosen, by the names of the form fields; nothing is too odd to be sent."""
    return slip_of_order(_order(typed))


def slip_of_order(order: Order) -> Slip:
    """Return the slip of an order that may be unfinished."""
    text = order.prompt if order.transcript is None else order.transcript
    if not text:
        return Slip(missing=NOTHING_TYPED if order.transcript is None else NOTHING_PASTED)
    if len(text) < PROMPT_CHARACTERS[0]:
        return Slip(missing=TOO_SHORT)
    try:
        return slip_of_quote(quote_order(order))
    except BriefRefused as error:
        return Slip(missing=error.sentence)


def slip_of_quote(quote: Quote) -> Slip:
    """Return the slip of a price that was counted already."""
    return Slip(quote, waiting_time(quote.minutes).words)


def _order(typed: Mapping[str, object]) -> Order:
    prompt, transcript = _text(typed, "prompt"), _text(typed, "transcript")
    is_script = _text(typed, "way") == "script" and (transcript or not prompt)
    return Order(
        prompt=prompt,
        transcript=transcript if is_script or (transcript and not prompt) else None,
        niche=_text(typed, "niche") or "explainer",
        minutes=_number(typed, "minutes"),
        shape=_text(typed, "shape") or "16:9",
        voice=_text(typed, "voice"),
        speed=_number(typed, "speed"),
        pace=_text(typed, "pace") or "normal",
    )


def _text(typed: Mapping[str, object], name: str) -> str:
    return without_controls(str(typed.get(name) or "")).strip()


def _number(typed: Mapping[str, object], name: str) -> float:
    """What is no number is none that the limits allow; what was left empty is 1, as in the forms."""
    given = _text(typed, name)
    try:
        return float(given) if given else 1.0
    except ValueError:
        return math.nan
