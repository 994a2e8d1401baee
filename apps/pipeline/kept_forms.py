"""A create form that waits while its user buys credits: kept as a draft, with the address that shows it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from apps.accounts.models import User
from apps.drafts.actions import DraftText, rewrite_draft, save_draft
from apps.drafts.options import DraftOptions
from apps.pipeline.forms import CreateForm
from canvascast.errors import NotFound

# Tickets of files that were sent with the form; they are no part of a draft.
_TICKETS = ("kept", "kept_recording")


def keep_form(form: CreateForm, *, user: User, client_address: str, at: datetime) -> str:
    """Keep a checked form for its user, in place of the text it began with; return the path that shows it again.

    Raises Invalid for a text that no video can be made of, and RateLimited.
    """
    prompt, transcript = form.texts()
    text = DraftText(prompt=prompt, transcript=transcript or "", options=_options(form))
    draft_id = _rewritten(form.cleaned_data["draft"], text, user=user, at=at)
    if draft_id is None:
        draft_id = save_draft(token="", client_address=client_address, order=text, user=user, at=at).draft_id
    shown = {name: form[name].value() for name in _TICKETS if name in form.fields}
    tickets = {name: str(ticket) for name, ticket in shown.items() if ticket}
    return f"{reverse('pipeline:new')}?{urlencode({'draft': draft_id, **tickets})}"


def tickets_in(query: QueryDict) -> dict[str, str]:
    """Return the tickets that such a path carries."""
    return {name: str(query[name]) for name in _TICKETS if name in query}


def _rewritten(draft_id: UUID | None, text: DraftText, *, user: User, at: datetime) -> UUID | None:
    if draft_id is None:
        return None
    try:
        rewrite_draft(draft_id=draft_id, user=user, order=text, at=at)
    except NotFound:
        return None
    return draft_id


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
