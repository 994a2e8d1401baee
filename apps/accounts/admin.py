from django.contrib import admin

from apps.accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ("email", "is_staff", "is_active", "created_at")
    search_fields = ("email",)
    readonly_fields = ("id", "created_at", "last_login")
    exclude = ("password",)
