from __future__ import annotations

from django.contrib import admin

from apps.drafts.models import DraftPrompt
from canvascast.staff import ReadOnlyAdmin


@admin.register(DraftPrompt)
class DraftPromptAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "created_at", "claimed_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("id", "user__email")
    # Neither hash: one opens the draft to whoever can reverse it, the other names a visitor's address.
    fields = ("id", "user", "prompt", "transcript", "options", "created_at", "claimed_at", "expires_at")
