"""The pages of a user's videos."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.actions import operator_account
from apps.accounts.models import User
from apps.accounts.views.visitor import require_development, user_of
from apps.drafts.presets import examples_of
from apps.pipeline import listing
from apps.pipeline.actions import NotPossible, cancel_video, delete_project, retry_video
from apps.pipeline.dev_videos import recent_videos
from apps.pipeline.forms import AgreedForm
from canvascast.errors import NotFound, Refused


@login_required
@require_safe
def videos(request: HttpRequest) -> HttpResponse:
    """List the user's videos, newest first."""
    page = listing.videos_page(user_of(request), page=request.GET.get("page", 1))
    presets = examples_of(timezone.now().date())
    return render(request, "pipeline/videos.html", {"page": page, "videos": listing.cards(page), "presets": presets})


@login_required
@require_POST
def stop(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Stop the video; what was not used of its credits comes back. Pressed twice, it was stopped by the first press."""
    user = user_of(request)
    job_id = _video_or_404(user, video_id).job_id
    try:
        cancel_video(job_id=job_id, by=user, at=timezone.now())
    except NotPossible as error:
        if not _video_or_404(user, video_id).is_stopped:
            messages.error(request, error.sentence)
    return redirect("pipeline:video", video_id)


@login_required
@require_POST
def retry(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Make a stopped or failed video again from where it was, for the credits that its button named.

    Pressed twice, it is being made since the first press.
    """
    user = user_of(request)
    form = AgreedForm(request.POST)
    try:
        job = listing.newest_job(user, video_id)
        retry_video(job=job, by=user, at=timezone.now(), agreed_credits=form.agreed_credits())
    except NotFound as error:
        raise Http404 from error
    except (NotPossible, Refused) as error:
        if not _video_or_404(user, video_id).is_open:
            messages.error(request, error.sentence)
    return redirect("pipeline:video", video_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Ask whether the video shall be deleted, and delete it, once however often the button is pressed."""
    user = user_of(request)
    if request.method != "POST":
        return render(request, "pipeline/delete.html", {"video": _video_or_404(user, video_id)})
    try:
        delete_project(project=listing.newest_job(user, video_id).project, by=user, at=timezone.now())
    except NotFound as error:
        if not listing.was_deleted(user, video_id):
            raise Http404 from error
    messages.success(request, "The video is deleted.")
    return redirect("pipeline:videos")


@require_safe
def dev_videos(request: HttpRequest) -> HttpResponse:
    """List what was made from the command line of this machine."""
    require_development()
    return render(request, "pipeline/dev_videos.html", {"videos": recent_videos(operator_account())})


def _video_or_404(user: User, video_id: UUID) -> listing.VideoPage:
    try:
        return listing.video_of(user, video_id)
    except NotFound as error:
        raise Http404 from error
