"""What staff see of videos and the work on them; everything is read-only, changes go through actions."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from apps.pipeline.models import Artifact, Asset, Job, JobStep, Project, ProviderCall, StepAttempt


class ReadOnly:
    """Rows can be looked at, not touched."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class JobStepInline(ReadOnly, admin.TabularInline[JobStep, Job]):
    model = JobStep
    fields = ("step", "part", "state", "attempt", "reused", "started_at", "finished_at", "error_code")
    extra = 0


class AssetInline(ReadOnly, admin.TabularInline[Asset, Job]):
    model = Asset
    fields = ("filename", "kind", "size_bytes", "sha256")
    extra = 0


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin[Job]):
    list_display = ("id", "user", "state", "step", "progress", "error_code", "created_at", "finished_at")
    list_filter = ("state", "failed_step", "error_code")
    search_fields = ("id", "user__email")
    inlines = (JobStepInline, AssetInline)


@admin.register(Project)
class ProjectAdmin(ReadOnly, admin.ModelAdmin[Project]):
    list_display = ("id", "user", "title", "created_at")
    search_fields = ("id", "title", "user__email")


@admin.register(StepAttempt)
class StepAttemptAdmin(ReadOnly, admin.ModelAdmin[StepAttempt]):
    list_display = ("job_step", "fence", "outcome", "error_code", "worker", "started_at", "cpu_seconds")
    list_filter = ("outcome", "error_code")


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnly, admin.ModelAdmin[ProviderCall]):
    list_display = ("provider", "method", "state", "model", "units", "cost_micro_usd", "started_at")
    list_filter = ("provider", "state")


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly, admin.ModelAdmin[Artifact]):
    list_display = ("step", "unit", "provider", "user", "created_at", "key")
    list_filter = ("step", "provider")
