"""Settings: taking everything along, and leaving."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth import logout
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import actions
from apps.accounts.forms import DeleteForm
from apps.accounts.queries import export_to_download, exports_of
from apps.accounts.views.visitor import fresh_page, in_own_time, is_fresh, own_page, to_the_code, user_of


@require_safe
@in_own_time
def exports(request: HttpRequest) -> HttpResponse:
    """List the exports that were asked for."""
    return render(request, "accounts/exports.html", {"exports": exports_of(user_of(request), timezone.now())})


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_page
def new_export(request: HttpRequest) -> HttpResponse:
    """Ask once more, then start an export."""
    if request.method != "POST":
        return render(request, "accounts/new_export.html")
    actions.start_export(user=user_of(request), at=timezone.now())
    messages.success(request, "Your export is being made. Come back to this page in a few minutes.")
    return redirect("accounts:exports")


@require_safe
@own_page
def download_export(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Hand over a finished export after a fresh code; the code leads to the list, for a file leads nowhere on."""
    export = export_to_download(user_of(request), export_id, timezone.now())
    if export is None:
        raise Http404
    if not is_fresh(request):
        return to_the_code(request, back=reverse("accounts:exports"))
    content = default_storage.open(export.storage_name)
    return FileResponse(content, as_attachment=True, filename=f"canvascast-{export.created_at:%Y-%m-%d}.zip")


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_page
def delete_account(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays, then close the account and log out."""
    form = DeleteForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/delete.html", {"form": form})
    actions.close_account(user=user_of(request), at=timezone.now())
    logout(request)
    return redirect("accounts:deleted")


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """Say goodbye."""
    return render(request, "accounts/deleted.html")
