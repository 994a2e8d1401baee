"""The page between a wish that cannot be undone and its fulfilment."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from apps.accounts import fresh_codes
from apps.accounts.forms import CodeForm
from apps.accounts.models import User
from apps.accounts.queries import address_of
from apps.accounts.views.too_often import too_often
from apps.accounts.views.visitor import own_page, user_of


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def confirm(request: HttpRequest) -> HttpResponse:
    """Mail a code when asked to, take it, and go on to the page that wanted it."""
    user, asks = user_of(request), "send" in request.POST
    if not ratelimit.consume(request, action="fresh_code" if asks else "fresh_code_try", user=user):
        return too_often(request)
    if asks:
        _mail_code(request, user)
        return redirect(request.get_full_path())
    form = CodeForm(request.POST or None)
    if form.is_valid() and _accepts(request, user, form):
        return redirect(_next_page(request))
    asked = fresh_codes.is_asked(request.session, user=user, at=timezone.now())
    return render(request, "accounts/confirm.html", {"form": form, "asked": asked, "address": address_of(user.pk)})


def _mail_code(request: HttpRequest, user: User) -> None:
    code = fresh_codes.issue(request.session, user=user, at=timezone.now())
    address = address_of(user.pk) or user.email
    get_adapter(request).send_mail("account/email/fresh_code", address, {"code": code})


def _accepts(request: HttpRequest, user: User, form: CodeForm) -> bool:
    try:
        fresh_codes.redeem(request.session, user=user, code=form.cleaned_data["code"], at=timezone.now())
    except fresh_codes.WrongCode as wrong:
        form.add_error("code", wrong.sentence)
        return False
    return True


def _next_page(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if safe and wanted.startswith(("/app/", "/accounts/")) else reverse("accounts:settings")
