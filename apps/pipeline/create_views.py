"""The create page: everything restored, the price shown, then one button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.accounts.rates import require_few
from apps.accounts.views.visitor import in_own_time, user_of
from apps.billing.ledger import InsufficientCredits
from apps.drafts import queries as drafts
from apps.drafts.presets import preset_named
from apps.pipeline.actions import start_video
from apps.pipeline.briefs import BriefRefused
from apps.pipeline.codec import digest
from apps.pipeline.create_sheet import sent_slip, sheet_of, typed_slip
from apps.pipeline.forms import CreateForm, data_of, initial_of
from apps.pipeline.kept_forms import keep_form, tickets_in
from apps.pipeline.likeness import initial_like
from apps.pipeline.models import Job
from apps.pipeline.offered_voices import OfferedVoice, current_offer, recording_voices
from apps.pipeline.quotes import Quote, quote_order
from apps.pipeline.recordings import MANY_RECORDINGS, take_recording
from apps.pipeline.references import take_reference, takes_reference
from apps.pipeline.slips import Slip
from apps.pipeline.voice_profiles import own_voices
from canvascast.errors import NotFound, Refused
from canvascast.http import client_address, is_piece

# What a link can name to begin with; "empty" is the way past a text that waits.
_BEGINNINGS = {"draft", "example", "empty"}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """Show the form, count the price, or make the video, once however often the button is pressed."""
    if request.method == "POST" and not request.user.is_authenticated:
        # The session ended while somebody wrote. A price counted meanwhile must not take the form away: it is the whole
        # of it, sent by its button, that the home page keeps as a visitor's draft.
        if is_piece(request):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return redirect("drafts:home", preserve_request=True)
    return _new(request)


@login_required
def _new(request: HttpRequest) -> HttpResponseBase:
    voices = (*own_voices(user_of(request)), *current_offer().voices, *recording_voices())
    if request.method == "POST":
        form = _form(request, voices, request.POST, request.FILES)
        is_typed = is_piece(request)
        take_reference(form, user_of(request), asks_storage=not is_typed)
        _take_recording(request, form, asks_storage=not is_typed)
        return _counted(request, form) if is_typed else _answer(request, form)
    if "like" in request.GET:
        return _like(request, voices)
    if waiting := _waiting(request):
        return _take_up(request, waiting, voices)
    form = _restored(request, voices)
    return _page(request, form, _quote(form))


def _waiting(request: HttpRequest) -> drafts.Draft | None:
    """Return the text that waits for its video, where no link says what to begin with."""
    if request.GET.keys() & _BEGINNINGS:
        return None
    try:
        return drafts.waiting_draft_for(user_of(request))
    except NotFound:
        return None


@in_own_time
def _take_up(request: HttpRequest, waiting: drafts.Draft, voices: Sequence[OfferedVoice]) -> HttpResponse:
    return _begun(request, voices, initial_of(waiting, voices), waits_since=waiting.created_at)


def _restored(request: HttpRequest, voices: Sequence[OfferedVoice]) -> CreateForm:
    """Return the form with what a link names in it, checked already: an example or a draft; else an empty one."""
    empty = _form(request, voices)
    if preset := preset_named(request.GET.get("example", "")):
        initial: dict[str, Any] = {"prompt": preset.example, "niche": preset.slug}
    elif draft_id := request.GET.get("draft", ""):
        initial = initial_of(_draft(request, draft_id), voices)
        return _with_files(request, _form(request, voices, data_of(empty, initial | tickets_in(request.GET))))
    else:
        return empty
    return _form(request, voices, data_of(empty, initial))


def _with_files(request: HttpRequest, form: CreateForm) -> CreateForm:
    """Give a form that was kept the files that its tickets stand for; one without any is left as it is."""
    if tickets_in(request.GET):
        take_reference(form, user_of(request))
        _take_recording(request, form, asks_storage=True)
    return form


def _take_recording(request: HttpRequest, form: CreateForm, *, asks_storage: bool) -> None:
    user = user_of(request)
    require_more = partial(require_few, request, "recording_upload", MANY_RECORDINGS, user=user)
    take_recording(form, user, before_storing=require_more, asks_storage=asks_storage)


def _draft(request: HttpRequest, draft_id: str) -> drafts.Draft:
    try:
        return drafts.draft_for(user_of(request), UUID(draft_id))
    except (NotFound, ValueError) as error:
        raise Http404 from error


def _counted(request: HttpRequest, form: CreateForm) -> HttpResponse:
    """Answer a page that asks while somebody types: the slip, and of the rest what is no longer as it was sent."""
    sheet = sheet_of(form, typed_slip(form), user_of(request))
    return render(request, "pipeline/_counted.html", {"form": form, "sheet": sheet})


def _like(request: HttpRequest, voices: Sequence[OfferedVoice]) -> HttpResponse:
    """Show the form with the settings of one of the user's videos, and its price where their words came along."""
    try:
        chosen = initial_like(user_of(request), UUID(request.GET["like"]), voices=voices)
    except (NotFound, ValueError) as error:
        raise Http404 from error
    if not (chosen.get("prompt") or chosen.get("transcript")):
        return _page(request, _form(request, voices, initial=chosen), None)
    return _begun(request, voices, chosen)


def _begun(
    request: HttpRequest,
    voices: Sequence[OfferedVoice],
    chosen: Mapping[str, Any],  # Any: initial values of all fields
    *,
    waits_since: datetime | None = None,
) -> HttpResponse:
    """Show the form with what is chosen, and its price.

    What is missing yet, a recording perhaps, the slip says: nothing is marked in a form that nobody has sent.
    """
    form = _form(request, voices, initial=chosen)
    filled = _form(request, voices, data_of(form, chosen))
    take_reference(filled, user_of(request))
    slip = typed_slip(filled)
    shown = form if slip.quote is None else filled
    return _page(request, shown, slip.quote, slip=slip, waits_since=waits_since)


def _answer(request: HttpRequest, form: CreateForm) -> HttpResponse:
    quote = _quote(form)
    if quote is None:
        return _page(request, form, None, status=HTTPStatus.BAD_REQUEST)
    if "buy" in request.POST:
        return _go_shopping(request, form, quote)
    return _make(request, form, quote) if "make" in request.POST else _page(request, form, quote)


def _make(request: HttpRequest, form: CreateForm, quote: Quote) -> HttpResponse:
    if form.cleaned_data["agreed"] != str(quote.credits):
        return _page(request, form, quote, has_new_price=True)
    try:
        job = _start(form, user_of(request))
    except BriefRefused as error:
        form.add_refusal(error)
        return _page(request, form, None, status=HTTPStatus.BAD_REQUEST)
    except Refused as error:
        return _page(request, form, quote, refusal=error, status=error.status)
    return redirect("pipeline:video", job.project_id)


def _go_shopping(request: HttpRequest, form: CreateForm, quote: Quote) -> HttpResponse:
    """Keep the form as it is and go where credits are bought; from there a link leads back to it."""
    try:
        back = keep_form(form, user=user_of(request), client_address=client_address(request), at=timezone.now())
    except Refused as error:
        return _page(request, form, quote, refusal=error, status=error.status)
    return redirect(f"{reverse('billing:credits')}?{urlencode({'back': back})}")


def _quote(form: CreateForm) -> Quote | None:
    """Return the price, or None with the reason at its field."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return quote_order(form.order())
    except BriefRefused as error:
        form.add_refusal(error)
        return None


def _start(form: CreateForm, user: User) -> Job:
    order = form.order()
    return start_video(
        order=order,
        by=user,
        at=timezone.now(),
        idempotency_key=form.idempotency_key(),
        request_digest=digest(order),
        draft_id=form.cleaned_data["draft"],
    )


def _page(
    request: HttpRequest,
    form: CreateForm,
    quote: Quote | None,
    *,
    slip: Slip | None = None,
    has_new_price: bool = False,
    refusal: Refused | None = None,
    waits_since: datetime | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """`waits_since`: the form is filled with the text that waits, and says so."""
    context = {
        "form": form,
        "waits_since": waits_since,
        "sheet": sheet_of(form, slip or sent_slip(form, quote), user_of(request)),
        "has_news": quote is not None and refusal is None and request.method == "POST",
        "has_new_price": has_new_price,
        "refusal": refusal,
        "missing_credits": _missing_credits(refusal),
        "can_learn_voices": bool(settings.CLONER),
    }
    return render(request, "pipeline/new.html", context, status=status)


def _missing_credits(refusal: Refused | None) -> int:
    """How many credits are missing, when that is why the video was refused; else 0."""
    if not isinstance(refusal, InsufficientCredits):
        return 0
    return refusal.required - refusal.available


def _form(
    request: HttpRequest, voices: Sequence[OfferedVoice], *args: Any, **kwargs: Any
) -> CreateForm:  # Any: Django's own
    return CreateForm(*args, voices=voices, language=_language(request), takes_reference=takes_reference(), **kwargs)


def _language(request: HttpRequest) -> str:
    """Return the reader's language, as the browser says it."""
    return get_language_from_request(request)
