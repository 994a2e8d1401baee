"""Development only: the mails that would have been sent, newest first."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.kept_mail import mails_in


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the folder that development's mail goes to; there is no such page in production."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "accounts/mailbox.html", {"mails": mails_in(settings.MAILBOX_DIR)})
