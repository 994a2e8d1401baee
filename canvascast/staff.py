"""What the staff pages of all apps have in common: rows that are looked at, and actions that ask before they act."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from apps.accounts.models import User
from canvascast.errors import Refused

Row = TypeVar("Row", bound=Model)


class ReadOnly:
    """Rows can be looked at, not touched."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class StaffAdmin(ModelAdmin):  # type: ignore[misc]  # unfold is not typed
    """The base of every page of ours; models that other packages register are not shown to staff."""

    list_fullwidth = True
    show_full_result_count = False

    # By method: unfold looks the name of a permission up in a database, which `check` may not have.
    def has_credits_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("billing.add_ledgerentry")

    def has_retry_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("pipeline.add_job")

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Model, inline: InlineModelAdmin[Model, Model], prefix: str
    ) -> dict[str, Any]:  # Any: the formset's arguments
        """Rows that are only looked at take nothing of what was sent, not even how many they are."""
        arguments: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "POST" and isinstance(inline, ReadOnly):
            arguments["data"] = {f"{prefix}-{which}_FORMS": "0" for which in ("TOTAL", "INITIAL")}
        return arguments


class ReadOnlyAdmin(ReadOnly, StaffAdmin):
    pass


class _Pages(PaginationInlineFormSet):  # type: ignore[misc]  # as above
    """Unfold takes for a page's number what only looks like one: ² is numeric, and no number."""

    def get_page_num(self) -> int:
        try:
            return int(super().get_page_num())
        except ValueError:
            return 1


class ReadOnlyInline(ReadOnly, TabularInline):  # type: ignore[misc]  # unfold is not typed
    """Its `fields` are its columns."""

    formset = _Pages
    extra = 0
    show_change_link = False
    tab = True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return tuple(self.fields)


class AskedOnce(forms.Form):
    """The token is made with the page: a form sent twice is one wish."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class CreditsForm(AskedOnce):
    credits = forms.IntegerField(min_value=1, max_value=10_000, widget=UnfoldAdminIntegerFieldWidget)
    reason = forms.CharField(
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="Kept for ever; the customer sees it in the history.",
    )


def row_or_404(model: type[Row], object_id: str) -> Row:
    """Return the row of an address. Raises Http404 also where what the address names cannot be an id."""
    try:
        return get_object_or_404(model, pk=object_id)
    except (ValidationError, ValueError) as error:
        raise Http404 from error


def ask(
    request: HttpRequest,
    model_admin: ModelAdmin,
    form_class: type[forms.Form],
    *,
    title: str,
    button: str,
    back: str,
    perform: Callable[[User, dict[str, Any]], str],  # Any: the form's cleaned values
) -> HttpResponse:
    """Show the form; once it is sent and valid, `perform` it as that user, say the sentence it returns, go `back`.

    A Refused that `perform` raises is shown on the form.
    """
    form = form_class(request.POST if request.method == "POST" else None)
    if isinstance(request.user, User) and form.is_valid():
        try:
            messages.success(request, perform(request.user, form.cleaned_data))
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return HttpResponseRedirect(back)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "button": button,
        "back": back,
        "form": form,
        "opts": model_admin.opts,
    }
    return TemplateResponse(request, "admin/ask.html", context)
