"""The page on which the scenes of a video are changed: the price first, then one button."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.accounts.rates import require_few
from apps.accounts.views.visitor import user_of
from apps.pipeline import listing
from apps.pipeline.actions import NO_SCRIPT, NotPossible, remake_scenes
from apps.pipeline.codec import digest, from_json
from apps.pipeline.contracts import Brief, Script
from apps.pipeline.models import Job
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.queries import are_files_gone, job_ordered_with
from apps.pipeline.remakes import Remake, remake_of, script_made_for
from apps.pipeline.scene_form import ScenesForm, data_of_changes
from apps.pipeline.scene_sheet import NOTHING_CHANGED, RemakeSlip, editable, page_of_scenes, slip_in_words, slip_of
from apps.pipeline.scenes import scenes_of
from apps.pipeline.slips import TO_CORRECT
from apps.pipeline.text.editing import SceneRefused
from canvascast.errors import NotFound, Refused
from canvascast.http import is_piece

BEING_MADE = "This video is being made right now. Its scenes can be changed when it is done or stopped."
MEANWHILE_MADE = "This video is being made right now, so nothing more can be changed. What you typed is still here."
MEANWHILE_CHANGED = (
    "This video was changed in another window meanwhile. What you typed is still here, put onto its newest version."
)
MANY_CHANGES = "That were many changes in a short time. What you typed is still here. Please try again in a minute."


@dataclass(frozen=True)
class _Bench:
    """The job whose scenes are shown, and one page of them."""

    job: Job
    script: Script
    brief: Brief
    page: Page[int]

    def form(self, *args: Any, **kwargs: Any) -> ScenesForm:  # Any: Django's own
        words_are_open = self.brief.recording is None
        return ScenesForm(*args, script=self.script, numbers=list(self.page), words_are_open=words_are_open, **kwargs)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenes(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Show the scenes, count what changing them costs, or make the video with the changes."""
    try:
        job = listing.newest_job(user_of(request), video_id)
    except NotFound as error:
        raise Http404 from error
    if request.method == "POST":
        return _sent(request, job)
    bench = None if listing.page_of(job).is_open else _bench(request, job)
    if bench is None:
        return _closed(request, job)
    return _page(request, bench, bench.form(initial={"base": job.pk}), _first_slip(bench))


def _first_slip(bench: _Bench) -> RemakeSlip:
    """What an attempt before left unmade is still to be made, whether more is changed or not."""
    job = bench.job
    if not job.changed_scenes or job.is_ready:
        return slip_in_words(NOTHING_CHANGED, user_id=job.user_id)
    return slip_of(remake_of(job, bench.script, []), of=job, user_id=job.user_id)


def _sent(request: HttpRequest, newest: Job) -> HttpResponse:
    base = _base(request, newest)
    bench = _bench(request, base)
    if bench is None:
        return _closed(request, newest, status=HTTPStatus.CONFLICT)
    form = bench.form(request.POST)
    is_sound = form.is_sound(bench.brief)
    if job_ordered_with(user_of(request), form.idempotency_key()):
        return redirect("pipeline:video", newest.project_id)
    if newest.pk != base.pk or listing.page_of(newest).is_open:
        return _overtaken(request, bench, form, newest)
    if not is_sound:
        return _to_correct(request, bench, form)
    remake = remake_of(base, bench.script, form.changes())
    if "make" in request.POST and not is_piece(request) and remake.changed:
        return _make(request, bench, form, remake)
    return _page(request, bench, form, slip_of(remake, of=base, user_id=base.user_id))


def _base(request: HttpRequest, newest: Job) -> Job:
    """Return the job whose scenes were shown; the newest where the form does not say, or names none of this video."""
    try:
        return listing.job_of_video(newest.project_id, UUID(request.POST.get("base", "")))
    except (NotFound, ValueError):
        return newest


def _bench(request: HttpRequest, job: Job) -> _Bench | None:
    made = script_made_for(job)
    if made is None:
        return None
    script = from_json(made.payload, Script)
    page = page_of_scenes(len(script.scenes), request.GET.get("page", 1))
    return _Bench(job, script, from_json(job.brief, Brief), page)


def _make(request: HttpRequest, bench: _Bench, form: ScenesForm, remake: Remake) -> HttpResponse:
    slip = slip_of(remake, of=bench.job, user_id=bench.job.user_id)
    if form.cleaned_data["agreed"] != str(slip.price):
        return _page(request, bench, form, slip, has_new_price=True)
    try:
        remake_scenes(
            job=bench.job,
            changes=form.changes(),
            by=user_of(request),
            at=timezone.now(),
            agreed_credits=slip.price,
            idempotency_key=form.idempotency_key(),
            request_digest=digest(form.changes()),
            before_judging=partial(require_few, request, "changed_scenes", MANY_CHANGES, user=user_of(request)),
        )
    except SceneRefused as error:
        form.add_refusal(error)
        return _to_correct(request, bench, form)
    except NotPossible as error:
        return _page(request, bench, form, slip, refusal=error.sentence, status=HTTPStatus.CONFLICT)
    except Rejected as error:
        return _page(request, bench, form, slip, refusal=error.sentence, status=HTTPStatus.BAD_REQUEST)
    except Refused as error:
        return _page(request, bench, form, slip, refusal=error.sentence, status=error.status)
    return redirect("pipeline:video", bench.job.project_id)


def _to_correct(request: HttpRequest, bench: _Bench, form: ScenesForm) -> HttpResponse:
    """Mark what is wrong in a form that was sent; while somebody types only the slip says it."""
    if is_piece(request):
        return _page(request, bench, form, slip_in_words(form.first_error(), user_id=bench.job.user_id))
    slip = slip_in_words(TO_CORRECT, user_id=bench.job.user_id)
    return _page(request, bench, form, slip, status=HTTPStatus.BAD_REQUEST)


def _overtaken(request: HttpRequest, bench: _Bench, form: ScenesForm, newest: Job) -> HttpResponse:
    """Keep what was typed for a version that is not the newest any more."""
    slip = slip_in_words(TO_CORRECT, user_id=newest.user_id)
    now = None if listing.page_of(newest).is_open else _bench(request, newest)
    if now is None:
        slip = slip_in_words(BEING_MADE, user_id=newest.user_id)
        return _page(request, bench, form, slip, refusal=MEANWHILE_MADE, status=HTTPStatus.CONFLICT)
    shown = data_of_changes(form.typed(), script=now.script, numbers=list(now.page), base=newest.pk)
    rebased = now.form(shown)
    if rebased.is_sound(now.brief):
        slip = slip_of(remake_of(newest, now.script, rebased.changes()), of=newest, user_id=newest.user_id)
    if is_piece(request):
        slip = slip_in_words("Changed in another window meanwhile: press the button.", user_id=newest.user_id)
    return _page(request, now, rebased, slip, refusal=MEANWHILE_CHANGED, status=HTTPStatus.CONFLICT)


def _page(
    request: HttpRequest,
    bench: _Bench,
    form: ScenesForm,
    slip: RemakeSlip,
    *,
    has_new_price: bool = False,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """Answer with the page, or with the slip alone where a page asks while somebody types."""
    if is_piece(request):
        return render(request, "pipeline/_remake_counted.html", {"slip": slip})
    video, files_are_gone = listing.page_of(bench.job), are_files_gone(bench.job.project_id)
    context = {
        "video": video,
        "form": form,
        "scenes": editable(form, scenes_of(bench.job, bench.script)),
        "slip": slip,
        "page": bench.page,
        "has_news": request.method == "POST" and not refusal and not form.errors,
        "has_new_price": has_new_price,
        "refusal": refusal,
        "are_files_gone": files_are_gone,
        # Never finished, or nothing of it is left.
        "is_whole": files_are_gone or not (video.is_ready or video.is_remake),
    }
    return render(request, "pipeline/scenes.html", context, status=status)


def _closed(request: HttpRequest, job: Job, *, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    video = listing.page_of(job)
    why = BEING_MADE if video.is_open else NO_SCRIPT
    return render(request, "pipeline/scenes_closed.html", {"video": video, "why": why}, status=status)
