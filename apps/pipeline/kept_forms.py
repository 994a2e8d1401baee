"""A create form that waits while its user buys credits: kept as a draft, with the address that shows it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from apps.accounts.models import User
from apps.drafts.actions import DraftText, save_draft
from apps.drafts.options import DraftOptions
from apps.pipeline.forms import CreateForm

# Tickets of files that were sent with the form; they are no part of a draft.
_TICKETS = ("kept", "kept_recording")


def keep_form(form: CreateForm, *, user: User, client_address: str, at: datetime) -> str:
    """Keep a checked form for its user and return the path that shows it again.

    Raises Invalid for a text that no video can be made of, and RateLimited.
    """
    prompt, transcript = form.texts()
    saved = save_draft(
        token="",
        client_address=client_address,
        order=DraftText(prompt=prompt, transcript=transcript or "", options=_options(form)),
        user=user,
        at=at,
    )
    shown = {name: form[name].value() for name in _TICKETS if name in form.fields}
    tickets = {name: str(ticket) for name, ticket in shown.items() if ticket}
    return f"{reverse('pipeline:new')}?{urlencode({'draft': saved.draft_id, **tickets})}"


def tickets_in(query: QueryDict) -> dict[str, str]:
    """Return the tickets that such a path carries."""
    return {name: str(query[name]) for name in _TICKETS if name in query}


def _options(form: CreateForm) -> DraftOptions:
    chosen = form.cleaned_data
    own_voice = form.own_voice_id()
    options: dict[str, Any] = {  # Any: values of each option's own type
        "title": chosen["title"] or None,
        "niche_preset": chosen["niche"],
        "target_minutes": chosen["minutes"],
        "transcript_mode": "manual" if form.texts()[1] is not None else "auto",
        "voice_id": None if own_voice else chosen["voice"] or None,
        "voice_profile_id": own_voice or None,
        "speed": chosen["speed"],
        "pace": chosen["pace"],
        "shape": chosen["shape"],
        "caption_style": chosen["captions"],
        "caption_position": chosen["position"],
        "music": chosen["music"],
        "on_screen_titles": chosen["titles"],
        "seed": chosen["seed"],
    }
    return DraftOptions(**options)
