"""`/api/draft`: what a visitor typed, kept before there is an account."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.errors import HttpError

from apps.accounts.models import User
from apps.drafts import queries
from apps.drafts.actions import DraftText, save_draft
from apps.drafts.cookies import put_token, token_in
from apps.drafts.options import DraftOptions
from canvascast.api.auth import ByKey, BySession
from canvascast.api.schemas import REFUSALS, Asked, Body
from canvascast.errors import NotFound
from canvascast.http import client_address


def visitor(request: HttpRequest) -> AnonymousUser | None:
    """Let anybody in, but not another site through a visitor's browser. Whoever names a key must have a good one.

    Raises HttpError 403 for a form or script of another site.
    """
    if "Authorization" in request.headers:
        return None
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.get_host():
        raise HttpError(HTTPStatus.FORBIDDEN, "This request came from another site.")
    return AnonymousUser()


class Request(HttpRequest):
    """A request of a user or of a visitor."""

    auth: User | AnonymousUser


# Beside the key and the session, no security at all. Any: OpenAPI as Python builtins.
_OPEN: dict[str, Any] = {"security": [{}]}
router = Router(tags=["drafts"], auth=[ByKey(), BySession(), visitor])


class DraftIn(Asked):
    """A description of 10 to 5,000 characters, or a script of 10 to 50,000 to be narrated word for word."""

    prompt_text: str = ""
    transcript_text: str | None = None
    options: DraftOptions = DraftOptions()


class SavedDraftOut(Body):
    draft_id: UUID
    is_authenticated: bool


class DraftOut(Body):
    draft_id: UUID
    prompt_text: str
    transcript_text: str | None
    options: dict[str, str | float | bool]
    is_authenticated: bool


@router.post(
    "/draft",
    response={HTTPStatus.OK: SavedDraftOut, **REFUSALS},
    by_alias=True,
    summary="Keep a draft",
    openapi_extra=_OPEN,
)
def post_draft(request: Request, body: DraftIn, response: HttpResponse) -> SavedDraftOut:
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


@router.get(
    "/draft",
    response={HTTPStatus.OK: DraftOut, **REFUSALS},
    by_alias=True,
    summary="Read the draft",
    openapi_extra=_OPEN,
)
def get_draft(request: Request) -> DraftOut:
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


def _draft_of(request: Request, user: User | None) -> queries.Draft:
    if user is None:
        return queries.draft_of_token(token_in(request))
    try:
        return queries.draft_of_token(token_in(request))
    except NotFound:
        return queries.newest_draft_for(user)


def _user_of(request: Request) -> User | None:
    return request.auth if isinstance(request.auth, User) else None
