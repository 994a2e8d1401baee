"""`/api/draft`: what a visitor typed, kept before there is an account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from ninja.errors import HttpError
from ninja.utils import check_csrf
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from apps.accounts.models import User
from apps.drafts import queries
from apps.drafts.actions import DraftText, save_draft
from apps.drafts.cookies import put_token, token_in
from apps.drafts.options import DraftOptions
from canvascast.errors import NotFound
from canvascast.http import client_address


def visitor(request: HttpRequest) -> Any:  # Any: the signed-in user or AnonymousUser, both true for Ninja
    """Let everyone in, but not another site through a visitor's browser: that is a 403."""
    if request.user.is_authenticated and check_csrf(request):
        raise HttpError(403, "CSRF check failed")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.get_host():
        raise HttpError(403, "This request came from another site.")
    return request.user


router = Router(tags=["drafts"], auth=visitor)


class _Body(Schema):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class DraftIn(_Body):
    """A description of 10 to 5,000 characters, or a script of 10 to 50,000 to be narrated word for word."""

    prompt_text: str = ""
    transcript_text: str | None = None
    options: DraftOptions = DraftOptions()


class SavedDraftOut(_Body):
    draft_id: UUID
    is_authenticated: bool


class DraftOut(_Body):
    draft_id: UUID
    prompt_text: str
    transcript_text: str | None
    options: dict[str, str | float | bool]
    is_authenticated: bool


@router.post("/draft", response=SavedDraftOut, by_alias=True, summary="Keep a draft")
def post_draft(request: HttpRequest, body: DraftIn, response: HttpResponse) -> SavedDraftOut:
    """Keep the text for 7 days under a cookie, or for 30 days as the signed-in user's own. The latest one counts."""
    user = _user_of(request)
    saved = save_draft(
        token=token_in(request),
        client_address=client_address(request),
        order=DraftText(body.prompt_text, body.transcript_text or "", body.options),
        user=user,
        at=timezone.now(),
    )
    if saved.token:
        put_token(response, saved.token)
    return SavedDraftOut(draft_id=saved.draft_id, is_authenticated=user is not None)


@router.get("/draft", response=DraftOut, by_alias=True, summary="Read the draft")
def get_draft(request: HttpRequest) -> DraftOut:
    """Return the draft of the visitor's cookie, else the newest one of the signed-in user."""
    user = _user_of(request)
    draft = _draft_of(request, user)
    return DraftOut(
        draft_id=draft.draft_id,
        prompt_text=draft.prompt,
        transcript_text=draft.transcript or None,
        options=dict(draft.options),
        is_authenticated=user is not None,
    )


def _draft_of(request: HttpRequest, user: User | None) -> queries.Draft:
    if user is None:
        return queries.draft_of_token(token_in(request))
    try:
        return queries.draft_of_token(token_in(request))
    except NotFound:
        return queries.newest_draft_for(user)


def _user_of(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
