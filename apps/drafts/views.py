"""The home page: the text first, then its price, the account later."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

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
from apps.drafts.presets import examples_of, preset_named
from apps.drafts.text_form import initial_text
from canvascast.api.throttles import Counts
from canvascast.errors import NotFound, RateLimited
from canvascast.http import client_address

_counts = Counts()


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Show the box; keep what was typed and go on to sign up, or to the create page when signed in."""
    if request.method != "POST":
        return _first_page(request)
    form = HomeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    try:
        saved = _save(request, form)
    except RateLimited as error:
        form.add_error(None, error.sentence)
        response = _page(request, form, status=error.status)
        response["Retry-After"] = str(error.details["retryAfterSeconds"])
        return response
    return _go_on(request, saved)


@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: HttpRequest) -> HttpResponse:
    """Count what was typed and keep nothing of it: the slip alone for htmx, else the home page with it."""
    if request.method != "POST":
        return redirect("drafts:home")
    form = HomeForm(request.POST)
    if not _counts.allow_request(request):
        return _answer(request, form, is_too_often=True, status=HTTPStatus.TOO_MANY_REQUESTS)
    return _answer(request, form, status=HTTPStatus.OK)


def _page(
    request: HttpRequest,
    form: HomeForm,
    *,
    draft: queries.Draft | None = None,
    is_too_often: bool = False,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """`draft` is what this browser has kept and the form shows."""
    context = {
        "form": form,
        "draft": draft,
        "is_too_often": is_too_often,
        "examples": examples_of(timezone.now().date()),
    }
    return render(request, "drafts/home.html", context, status=status)


def _first_page(request: HttpRequest) -> HttpResponse:
    """With the text that a link names, else the draft that this browser has, else nothing."""
    if linked := _linked_text(request):
        return _page(request, HomeForm(initial=linked))
    try:
        draft = queries.draft_of_token(token_in(request))
    except NotFound:
        return _page(request, HomeForm())
    return _page(request, HomeForm(initial=initial_text(draft)), draft=draft)


def _linked_text(request: HttpRequest) -> dict[str, object]:
    if preset := preset_named(request.GET.get("example", "")):
        return {"prompt": preset.example, "niche": preset.slug}
    if preset := preset_named(request.GET.get("sample", "")):
        return {"way": "script", "transcript": preset.sample.script, "niche": preset.slug}
    return {}


def _answer(request: HttpRequest, form: HomeForm, *, status: HTTPStatus, is_too_often: bool = False) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return render(request, "drafts/_price.html", {"form": form, "is_too_often": is_too_often}, status=status)
    return _page(request, form, is_too_often=is_too_often, status=status)


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
    response = redirect("account_signup")
    put_token(response, saved.token)
    return response
