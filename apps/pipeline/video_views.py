"""The page of one video through its whole life, and the piece of it that asks again while the video is made."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.views.visitor import user_of
from apps.pipeline import listing
from apps.pipeline.ended import ended_of
from apps.pipeline.mail_wishes import mail_switch_of
from apps.pipeline.making import making_of
from apps.pipeline.models import Job
from apps.pipeline.playing import moment_of
from apps.pipeline.ready import ready_page
from apps.pipeline.share_panel import share_panel
from canvascast.errors import NotFound

# htmx's own: it swaps the answer and asks no more.
_STOP_POLLING = 286


@login_required
@require_safe
def video(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Show one video; a job's id leads to its video."""
    user = user_of(request)
    try:
        job = listing.newest_job(user, video_id)
    except NotFound:
        return redirect("pipeline:video", _video_made_by(request, video_id))
    return render(request, "pipeline/video.html", _shown(request, job))


@login_required
@require_safe
def finished(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Show the version that was finished last, while a change to it is made or could not be made."""
    user = user_of(request)
    try:
        job = listing.last_finished_job(user, video_id)
    except NotFound as error:
        raise Http404 from error
    if listing.newest_job(user, video_id).pk == job.pk:
        return redirect("pipeline:video", video_id)
    return render(request, "pipeline/video.html", {**_shown(request, job), "is_earlier": True})


@login_required
@require_safe
def progress(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Answer the page that asks again: 204 while it shows all there is, what changed, or the end with 286."""
    try:
        job = listing.newest_job(user_of(request), video_id)
    except NotFound as error:
        return _load_anew(request, error)
    if "HX-Request" not in request.headers:
        return redirect("pipeline:video", video_id)
    if job.is_finished:
        return _the_end(request, job)
    making = making_of(job, at=timezone.now())
    if request.GET.get("version") == making.version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    facts = {
        "video": listing.page_of(job),
        "making": making,
        "is_answer": True,
        "is_new_sheet": request.GET.get("sheet") != making.sheet.version,
        "is_new_step": request.GET.get("step") != making.step,
    }
    return render(request, "pipeline/_changes.html", facts)


def _the_end(request: HttpRequest, job: Job) -> HttpResponse:
    """The fragment of the state it ended in takes the place of the one it was made in: no page is loaded."""
    answer = render(request, "pipeline/_over.html", _shown(request, job), status=_STOP_POLLING)
    answer["HX-Retarget"] = "#video-state"
    answer["HX-Reswap"] = "innerHTML"
    return answer


def _shown(request: HttpRequest, job: Job) -> dict[str, Any]:  # Any: what each state's template takes
    page = listing.page_of(job)
    if page.is_open:
        making = making_of(job, at=timezone.now())
        mail = mail_switch_of(job, user_of(request))
        return {"video": page, "making": making, "mail": mail, "share": share_panel(job.project)}
    if page.is_ready:
        ready = ready_page(job)
        share = share_panel(job.project, ready.player)
        return {"video": page, "ready": ready, "share": share, "starts_at": moment_of(request.GET.get("t", ""))}
    return {"video": page, "ended": ended_of(job), "share": share_panel(job.project)}


def _load_anew(request: HttpRequest, error: NotFound) -> HttpResponse:
    """The page that asks is of a video that is gone: it shall say so as any page does."""
    if "HX-Request" not in request.headers:
        raise Http404 from error
    return HttpResponse(status=HTTPStatus.NOT_FOUND, headers={"HX-Refresh": "true"})


def _video_made_by(request: HttpRequest, job_id: UUID) -> UUID:
    try:
        return listing.project_with_job(user_of(request), job_id)
    except NotFound as error:
        raise Http404 from error
