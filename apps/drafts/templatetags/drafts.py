"""`{% load drafts %}`: what this browser has kept, for the pages on the way to an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template

from apps.drafts import queries
from apps.drafts.cookies import token_in
from apps.drafts.presets import Preset, preset_named
from apps.drafts.text_form import initial_text
from canvascast.errors import NotFound

register = template.Library()
_DEFAULTS = {"niche": "explainer", "minutes": 1.0, "shape": "16:9"}


@dataclass(frozen=True)
class Kept:
    """A text that waits for its account; `chosen` has its values by the names of the form's fields."""

    draft: queries.Draft
    chosen: Mapping[str, Any]  # Any: values of all fields
    preset: Preset | None


@register.simple_tag(takes_context=True)
def kept_text(context: Mapping[str, Any]) -> Kept | None:  # Any: template values
    """Return the text that this browser has kept, None when there is none."""
    try:
        draft = queries.draft_of_token(token_in(context["request"]))
    except NotFound:
        return None
    chosen = {**_DEFAULTS, **initial_text(draft)}
    return Kept(draft, chosen, preset_named(str(chosen["niche"])))
