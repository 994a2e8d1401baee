"""Development only: the mails that would have been sent, newest first."""

from __future__ import annotations

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.kept_mail import mail_in, mails_in
from apps.accounts.views.visitor import require_development

# A mail brings its looks along and may do nothing else, not even be of this site.
_MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [NONE],
    "sandbox": ["allow-popups", "allow-top-navigation-by-user-activation"],
}


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the folder that development's mail goes to; there is no such page in production."""
    require_development()
    return render(request, "accounts/mailbox.html", {"mails": mails_in(settings.MAILBOX_DIR)})


@require_safe
@csp(_MAIL_POLICY)  # type: ignore[arg-type]  # typed for views without arguments
def mail_as_html(request: HttpRequest, mail_key: str) -> HttpResponse:
    """Show the HTML part of one mail by itself."""
    require_development()
    mail = mail_in(settings.MAILBOX_DIR, mail_key)
    if mail is None or not mail.html:
        raise Http404
    return HttpResponse(mail.html)
