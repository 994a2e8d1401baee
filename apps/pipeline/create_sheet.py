"""What stands around the create page's form: the slip, what the price leaves, the caption styles in pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.forms.boundfield import BoundWidget
from django.urls import reverse

from apps.accounts.models import User
from apps.billing import queries as billing
from apps.drafts.presets import preset_named
from apps.pipeline.briefs import Order
from apps.pipeline.caption_previews import frame_tokens
from apps.pipeline.codec import digest
from apps.pipeline.forms import CreateForm
from apps.pipeline.quotes import Quote
from apps.pipeline.render.caption_frame import SIZES
from apps.pipeline.slips import TO_CORRECT, Slip, slip_of_order, slip_of_quote

_LOOKS: dict[str, str] = {
    "boxed": "white words on a dark box",
    "plain": "white words with a dark outline",
    "karaoke": "the word that is said in colour",
    "big_word": "two or three large words at a time",
    "lower_third": "words on a dark plate at the side, with a bar of colour",
    "cinema": "small, pale words without a box",
}


@dataclass(frozen=True)
class Purse:
    """The user's credits before and after the price; `missing` is what it exceeds them by, else 0."""

    available: int
    left: int
    missing: int


@dataclass(frozen=True)
class StyleTile:
    """One caption style: its radio button, and a picture of `width` x `height` of it that `looks` describes."""

    radio: BoundWidget
    picture: str
    looks: str
    width: int
    height: int


@dataclass(frozen=True)
class LookTile:
    """One kind of video: its radio button, and a static file with a picture in its look.

    `note` says what sets its price apart; most have none.
    """

    radio: BoundWidget
    picture: str
    name: str
    note: str


@dataclass(frozen=True)
class CreateSheet:
    """`price_is_shown` and `tiles_are_shown` say that the page that asks shows them so already.

    `tiles_key` tells one set of pictures from another.
    """

    slip: Slip
    purse: Purse
    looks: tuple[LookTile, ...]
    tiles: tuple[StyleTile, ...]
    tiles_key: str
    price_is_shown: bool
    tiles_are_shown: bool
    sells_credits: bool = False


def sheet_of(form: CreateForm, slip: Slip, user: User) -> CreateSheet:
    """Return everything around the form. One query, and those of an estimate."""
    tiles = _tiles(form, user)
    key = digest([tile.picture for tile in tiles])[:16]
    price = slip.quote.credits if slip.quote else 0
    return CreateSheet(
        slip=slip,
        purse=_purse(billing.balance(user.pk).available, price),
        looks=tuple(_look(radio) for radio in form["niche"]),
        tiles=tiles,
        tiles_key=key,
        price_is_shown=_value(form, "agreed") == str(price or ""),
        tiles_are_shown=_value(form, "tiles") == key,
        sells_credits=settings.PAYMENTS_ENABLED,
    )


def typed_slip(form: CreateForm) -> Slip:
    """Return the slip of a form that somebody still fills in; nothing is marked in it yet, so the slip says what."""
    if form.is_valid():
        return slip_of_order(form.order())
    name, errors = next(iter(form.errors.items()))
    return Slip(missing=f"{form.fields[name].label}: {errors[0]}")


def sent_slip(form: CreateForm, quote: Quote | None) -> Slip:
    """Return the slip of a form that was sent, or not begun."""
    if quote is not None:
        return slip_of_quote(quote)
    return Slip(missing=TO_CORRECT) if form.errors else slip_of_order(Order())


def _purse(available: int, price: int) -> Purse:
    return Purse(available, max(0, available - price), max(0, price - available))


def _tiles(form: CreateForm, user: User) -> tuple[StyleTile, ...]:
    chosen = {name: _value(form, name) for name in ("position", "shape", "niche")}
    tokens = frame_tokens(user.pk, _text(form), form.language_of_voice(), chosen)
    size = next((size for shape, size in SIZES.items() if shape == chosen["shape"]), SIZES["16:9"])
    return tuple(_tile(radio, tokens, size) for radio in form["captions"])


def _look(radio: BoundWidget) -> LookTile:
    preset = preset_named(radio.data["value"])
    assert preset is not None  # the field's choices are the presets
    return LookTile(radio, f"samples/{preset.slug}/frame.webp", preset.name, preset.price_note)


def _tile(radio: BoundWidget, tokens: Mapping[str, str], size: tuple[int, int]) -> StyleTile:
    style = radio.data["value"]
    return StyleTile(radio, reverse("pipeline:caption_frame", args=[tokens[style]]), _LOOKS[style], *size)


def _text(form: CreateForm) -> str:
    prompt, transcript = _value(form, "prompt"), _value(form, "transcript")
    is_script = bool(transcript) and (_value(form, "way") == "script" or not prompt)
    return transcript if is_script else prompt


def _value(form: CreateForm, name: str) -> str:
    return str(form[name].value() or "")
