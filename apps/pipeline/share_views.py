"""The buttons by which the owner of a video shares it and stops."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.views.visitor import user_of
from apps.pipeline import sharing
from apps.pipeline.listing import newest_job
from apps.pipeline.models import Project
from apps.pipeline.providers.errors import Rejected
from canvascast.errors import NotFound


@login_required
@require_POST
def share(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Make the video's link, or find the one that it has."""
    project = _project_or_404(request, video_id)
    try:
        sharing.share_video(project=project, by=user_of(request), at=timezone.now())
    except Rejected as error:
        messages.error(request, error.sentence)
        return redirect("pipeline:video", video_id)
    return _back(video_id)


@login_required
@require_POST
def stop_sharing(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """End the video's link."""
    sharing.stop_sharing(project=_project_or_404(request, video_id), by=user_of(request), at=timezone.now())
    return _back(video_id)


def _project_or_404(request: HttpRequest, video_id: UUID) -> Project:
    try:
        return newest_job(user_of(request), video_id).project
    except NotFound as error:
        raise Http404 from error


def _back(video_id: UUID) -> HttpResponse:
    """To the heading of the part of the page that now says otherwise; it takes the focus."""
    return redirect(f"{reverse('pipeline:video', args=[video_id])}#share")
