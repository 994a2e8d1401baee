"""The page of a user's own voices: add one, see how far it is, delete it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_http_methods

from apps.accounts.rates import require_few
from apps.accounts.views.visitor import user_of
from apps.pipeline.codec import digest
from apps.pipeline.offered_voices import primary
from apps.pipeline.providers.errors import Transient
from apps.pipeline.providers.speaker.languages import language_of
from apps.pipeline.voice_form import VoiceForm
from apps.pipeline.voice_list import ShownVoice, shown_voices
from apps.pipeline.voice_profiles import (
    MANY_UPLOADS,
    create_profile,
    delete_profile,
    profile_of,
    require_learning,
    was_deleted,
)
from canvascast.errors import Invalid, NotFound, Refused
from canvascast.http import is_piece

_NOTHING_NEW = 204
_OVER = 286
"""htmx asks no more."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def voices(request: HttpRequest) -> HttpResponse:
    """List the user's own voices and take a new one."""
    if request.method == "POST":
        return _taken(request)
    if is_piece(request):
        return _changes(request)
    own = primary(get_language_from_request(request))
    return _page(request, VoiceForm(initial={"language": own if language_of(own) else "en"}))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_voice(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Ask whether the voice shall be deleted, and delete it, once however often the button is pressed."""
    user = user_of(request)
    try:
        if request.method != "POST":
            return render(request, "pipeline/delete_voice.html", {"profile": profile_of(user, profile_id)})
        delete_profile(user=user, profile_id=profile_id, at=timezone.now())
    except NotFound as error:
        if request.method != "POST" or not was_deleted(user, profile_id):
            raise Http404 from error
    messages.success(request, "The voice is deleted.")
    return redirect("pipeline:voices")


def _taken(request: HttpRequest) -> HttpResponse:
    form = VoiceForm(request.POST, request.FILES)
    try:
        require_learning()
        require_few(request, "voice_upload", MANY_UPLOADS, user=user_of(request))
        _create(request, form)
    except Invalid as error:
        form.add_reasons(error.details)
        return _page(request, form, HTTPStatus.BAD_REQUEST)
    except Refused as error:
        form.add_reasons({"": error.sentence})
        return _page(request, form, error.status)
    except Transient:
        form.add_error(None, "There is no room to store recordings just now. Please try again in a few minutes.")
        return _page(request, form, HTTPStatus.SERVICE_UNAVAILABLE)
    messages.success(request, "Your recordings are here. The voice is being learned; that takes a minute or two.")
    return redirect("pipeline:voices")


def _create(request: HttpRequest, form: VoiceForm) -> None:
    if not form.is_valid():
        raise Invalid("The voice was not saved.", {})
    create_profile(
        user=user_of(request),
        name=form.cleaned_data["name"],
        language=form.cleaned_data["language"],
        consent=form.cleaned_data["consent"],
        files=form.cleaned_data["samples"],
        at=timezone.now(),
    )


def _changes(request: HttpRequest) -> HttpResponse:
    """Answer the page that asks by itself: nothing while it shows what is, and an end when nothing will change."""
    shown = shown_voices(user_of(request))
    version = _version(shown)
    if request.GET.get("shown") == version:
        return HttpResponse(status=_NOTHING_NEW)
    return render(
        request,
        "pipeline/_voices.html",
        _listed(shown),
        status=HTTPStatus.OK if any(voice.is_in_work for voice in shown) else _OVER,
    )


def _page(request: HttpRequest, form: VoiceForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    context = {**_listed(shown_voices(user_of(request))), "form": form, "can_learn": bool(settings.CLONER)}
    return render(request, "pipeline/voices.html", context, status=status)


def _listed(shown: list[ShownVoice]) -> dict[str, object]:
    in_work = bool(settings.CLONER) and any(voice.is_in_work for voice in shown)
    return {"voices": shown, "is_in_work": in_work, "version": _version(shown)}


def _version(shown: list[ShownVoice]) -> str:
    return digest(shown)[:16]
