"""The switch on the page of a video that is being made: e-mail me when it is ready."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.accounts.views.visitor import user_of
from apps.pipeline.listing import newest_job
from apps.pipeline.mail_wishes import mail_switch_of, set_mail_wish
from apps.pipeline.providers.errors import Rejected
from canvascast.errors import NotFound


@login_required
@require_POST
def mail_when_done(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Turn the switch; htmx is answered with the switch as it stands now, which also says when it is too late."""
    user = user_of(request)
    try:
        set_mail_wish(job=newest_job(user, video_id), wanted=request.POST.get("wanted") == "yes", by=user)
    except NotFound as error:
        raise Http404 from error
    except Rejected as error:
        if "HX-Request" not in request.headers:
            messages.error(request, error.sentence)
    if "HX-Request" in request.headers:
        switch = mail_switch_of(newest_job(user, video_id), user)
        return render(request, "pipeline/_mail_switch.html", {"mail": switch})
    return redirect("pipeline:video", video_id)
