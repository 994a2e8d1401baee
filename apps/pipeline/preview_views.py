"""Trying choices on the create page: a voice with the user's own sentence, a caption style with their own words."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.views.visitor import user_of
from apps.pipeline.caption_previews import frame_picture
from apps.pipeline.contracts import WORDS_PER_MINUTE
from apps.pipeline.downloads import LinkInvalid
from apps.pipeline.forms import CreateForm
from apps.pipeline.offered_voices import RECORDING, OfferedVoice, current_offer, recording_voices
from apps.pipeline.voice_previews import VoiceSample, make_sample, sound_of
from apps.pipeline.voice_profiles import own_voices
from canvascast.errors import Invalid, NotFound, RateLimited, Refused
from canvascast.http import is_piece, serve_file

_LOGGED_OUT = (
    "You are no longer logged in. Press the button under the price: your text comes along while you log in again."
)
_FOR_GOOD = "private, max-age=86400, immutable"


def hear(request: HttpRequest) -> HttpResponse:
    """Let the chosen voice say the first sentence: a player in its place on the page, or the sound by itself."""
    if is_piece(request) and not request.user.is_authenticated:
        # Leading away from the form would throw away what was typed since the session ended.
        return _answer(request, {"trouble": _LOGGED_OUT}, HTTPStatus.FORBIDDEN)
    return _hear(request)


@login_required
@require_POST
def _hear(request: HttpRequest) -> HttpResponse:
    own = own_voices(user_of(request))
    voices = {offered.key: offered for offered in (*own, *current_offer().voices, *recording_voices())}
    form = CreateForm(request.POST, voices=list(voices.values()))
    try:
        _require_few(request)
        offered = voices[_chosen(form, "voice")]
        sample = _sample(request, form, offered)
    except Refused as error:
        return _answer(request, {"trouble": error.sentence}, error.status)
    address = reverse("pipeline:voice_sample", args=[sample.name])
    if not is_piece(request):
        return redirect(address)
    return _answer(request, {"address": address, "voice": offered.voice.name, "sentence": sample.sentence})


@login_required
@require_safe
def voice_sample(request: HttpRequest, sample_name: str) -> HttpResponseBase:
    """Send the sound of a sample to the user who had it made."""
    try:
        found = sound_of(user_of(request).pk, sample_name)
    except NotFound as error:
        raise Http404 from error
    if isinstance(found, Path):
        return serve_file(request, found, content_type="audio/mpeg", name="voice.mp3")
    return HttpResponseRedirect(found, headers={"Cache-Control": "private, no-store"})


@login_required
@require_safe
def caption_frame(request: HttpRequest, frame_token: str) -> HttpResponse:
    """Send a frame with captions on it, drawn as in the film."""
    try:
        picture = frame_picture(user_of(request).pk, frame_token)
    except LinkInvalid as error:
        raise Http404 from error
    return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": _FOR_GOOD})


def _sample(request: HttpRequest, form: CreateForm, offered: OfferedVoice) -> VoiceSample:
    if offered.speaker == RECORDING:
        raise Invalid("The voice is yours: play your recording to hear it.")
    prompt, transcript = form.texts()
    return make_sample(
        user_id=user_of(request).pk,
        text=transcript or prompt,
        offered=offered,
        words_per_minute=round(WORDS_PER_MINUTE[_chosen(form, "pace")] * _chosen(form, "speed")),
        before_buying=partial(_require_few_bought, request),
    )


def _require_few(request: HttpRequest) -> None:
    if not ratelimit.consume(request, action="voice_sample", user=user_of(request)):
        raise RateLimited("That were many samples in a short time. Please try again in a minute.")


def _require_few_bought(request: HttpRequest) -> None:
    if not ratelimit.consume(request, action="paid_voice_sample", user=user_of(request)):
        raise RateLimited("You have tried this kind of voice often in the last hour. Please try again later.")


def _chosen(form: CreateForm, name: str) -> Any:  # Any: the field's own type
    """Return one field's value, whatever is wrong with the others. Raises Invalid with the field's sentence."""
    if name in form.errors:
        raise Invalid(f"{form[name].label}: {form.errors[name][0]}")
    return form.cleaned_data[name]


def _answer(request: HttpRequest, context: dict[str, str], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    page = "pipeline/_voice_sample.html" if is_piece(request) else "pipeline/voice_sample.html"
    return render(request, page, context, status=status)
