"""What staff see of keys; the page of a user, which looks across the apps, is in `canvascast/operations/admin.py`."""

from __future__ import annotations

from django.contrib import admin

from apps.accounts.models import ApiKey
from canvascast.staff import ReadOnlyAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("prefix", "name", "user", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("prefix", "user__email")
    fields = ("user", "name", "prefix", "created_at", "last_used_at", "revoked_at")
