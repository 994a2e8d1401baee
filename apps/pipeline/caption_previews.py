"""Caption styles on a real frame with the user's own first words: addresses of the pictures, and the pictures.

An address carries what is to be drawn, signed for its user. So the pictures need no row, browsers keep them, and an
address changes only when its picture does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, get_args
from uuid import UUID

import msgspec
from django.contrib.staticfiles import finders
from django.core.signing import BadSignature, Signer

from apps.pipeline.codec import from_json, to_json
from apps.pipeline.contracts import (
    CAPTION_STYLES,
    NICHES,
    CaptionPosition,
    Niche,
    Shape,
    Token,
)
from apps.pipeline.downloads import LinkInvalid
from apps.pipeline.render.caption_frame import FrameRequest, caption_frame
from apps.pipeline.text.opening import opening

T = TypeVar("T", bound=str)
NO_WORDS_YET = "These are your captions, word by word."
_MOST_WORDS = 18
_KEPT_PICTURES = 256


def frame_tokens(user_id: UUID, text: str, language: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return what names each style's picture in an address. What was not chosen well is shown as the form begins."""
    tokens = opening(text, language) or opening(NO_WORDS_YET, "en")
    shown = tuple(Token(token.display, "", token.after) for token in tokens[:_MOST_WORDS])
    position: CaptionPosition = _one_of(chosen.get("position"), get_args(CaptionPosition))
    shape: Shape = _one_of(chosen.get("shape"), get_args(Shape))
    niche: Niche = _one_of(chosen.get("niche"), ("explainer", *NICHES))
    return {
        style: _signer(user_id).sign_object(
            to_json(FrameRequest(shown, language, style, position, shape, niche)), compress=True
        )
        for style in CAPTION_STYLES
    }


def frame_picture(user_id: UUID, token: str) -> bytes:
    """Return the WebP that a token of this user names. Raises LinkInvalid."""
    try:
        request = from_json(_signer(user_id).unsign_object(token), FrameRequest)
    except (BadSignature, msgspec.ValidationError, ValueError) as error:
        raise LinkInvalid from error
    return _drawn(request)


@lru_cache(maxsize=_KEPT_PICTURES)
def _drawn(request: FrameRequest) -> bytes:
    return caption_frame(request, still_of(request.niche))


def still_of(niche: Niche) -> Path:
    """Return a frame of that look, painted by the product itself."""
    found = finders.find(f"samples/{niche}/frame.webp")
    assert isinstance(found, str), niche
    return Path(found)


def _one_of(given: str | None, allowed: tuple[T, ...]) -> T:
    return next((each for each in allowed if each == given), allowed[0])


def _signer(user_id: UUID) -> Signer:
    return Signer(salt=f"canvascast.pipeline.caption_previews.{user_id}")
