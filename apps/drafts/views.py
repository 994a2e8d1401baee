"""The home page: the text first, the account later."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.drafts import queries
from apps.drafts.actions import SavedDraft, save_draft
from apps.drafts.cookies import put_token, token_in
from apps.drafts.forms import HomeForm
from apps.drafts.text_form import initial_text
from canvascast.errors import NotFound, RateLimited
from canvascast.http import client_address

EXAMPLES = (
    "Why do cats purr, and what does it mean when they stop?",
    "How compound interest turns small savings into large ones",
    "The night the Titanic went down, hour by hour",
)


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Show the box; keep what was typed and go on to sign up, or to the create page when signed in."""
    if request.method != "POST":
        return _page(request, HomeForm(initial=_initial(request)))
    form = HomeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, HTTPStatus.BAD_REQUEST)
    try:
        saved = _save(request, form)
    except RateLimited as error:
        form.add_error(None, error.sentence)
        response = _page(request, form, error.status)
        response["Retry-After"] = str(error.details["retryAfterSeconds"])
        return response
    return _go_on(request, saved)


def _page(request: HttpRequest, form: HomeForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    context = {"form": form, "examples": enumerate(EXAMPLES)}
    return render(request, "drafts/home.html", context, status=status)


def _initial(request: HttpRequest) -> dict[str, object]:
    """An example that was clicked, else the draft that this browser has, else nothing."""
    chosen = request.GET.get("example", "")
    if chosen in map(str, range(len(EXAMPLES))):
        return {"prompt": EXAMPLES[int(chosen)]}
    try:
        return initial_text(queries.draft_of_token(token_in(request)))
    except NotFound:
        return {}


def _save(request: HttpRequest, form: HomeForm) -> SavedDraft:
    return save_draft(
        token=token_in(request),
        client_address=client_address(request),
        order=form.draft_text(),
        user=request.user if isinstance(request.user, User) else None,
        at=timezone.now(),
    )


def _go_on(request: HttpRequest, saved: SavedDraft) -> HttpResponse:
    if not saved.token:
        return redirect(f"{reverse('pipeline:new')}?{urlencode({'draft': saved.draft_id})}")
    messages.info(request, "Your text is saved. Make an account or log in, and it will be there.")
    response = redirect("account_signup")
    put_token(response, saved.token)
    return response
