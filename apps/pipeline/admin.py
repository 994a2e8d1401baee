"""What staff see of videos and the work on them; everything is read-only, changes go through actions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from unfold.decorators import action

from apps.accounts.models import User
from apps.pipeline import actions, goodwill, sharing, worklog
from apps.pipeline.models import (
    Artifact,
    Asset,
    Job,
    Project,
    ProviderCall,
    ShareLink,
    StepAttempt,
    VoiceProfile,
    VoiceSample,
    WorkerBeat,
)
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.services import services
from canvascast.errors import Refused
from canvascast.staff import AskedOnce, CreditsForm, ReadOnlyAdmin, ReadOnlyInline, ask, row_or_404


class AssetInline(ReadOnlyInline):
    model = Asset
    fields = ("filename", "kind", "size_bytes", "sha256", "expired_at")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "state", "step", "progress", "error_code", "cost", "created_at", "finished_at")
    list_select_related = ("user",)
    list_filter = ("state", "failed_step", "error_code")
    search_fields = ("id", "user__email")
    fieldsets = (
        (None, {"fields": ("id", "user", "project", "state", "step", "progress", "created_at", "finished_at")}),
        ("Failure", {"fields": ("failed_step", "error_code", "error_message")}),
        ("Credits", {"fields": ("price", "reserved", "cost", "changed_scenes")}),
        ("What was asked for", {"fields": ("brief", "idempotency_key")}),
    )
    change_form_before_template = "admin/pipeline/work.html"
    inlines = (AssetInline,)
    actions_detail = ("retry", "return_credits")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:  # Any: a template's context
        # Not a column of the form: the theme would work each column out five times.
        shown = {**(extra_context or {}), "work": SimpleLazyObject(lambda: worklog.work_of(UUID(object_id)))}
        page: HttpResponse = super().change_view(request, object_id, form_url, shown)
        return page

    @action(description="Retry", permissions=["retry"])  # type: ignore[untyped-decorator]  # unfold
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job = row_or_404(Job, object_id)

        def perform(by: User, asked: dict[str, Any]) -> str:  # Any: the form's cleaned values
            try:
                actions.retry_video(job=job, by=by, at=timezone.now())
            except Rejected as error:
                raise Refused(error.sentence) from error
            return "The video is being made again."

        return ask(
            request,
            self,
            AskedOnce,
            title=f"Retry {job.pk}",
            button="Make this video again",
            back=_page_of(job),
            perform=perform,
        )

    @action(description="Return credits", permissions=["credits"])  # type: ignore[untyped-decorator]  # unfold
    def return_credits(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job = row_or_404(Job, object_id)

        def perform(by: User, asked: dict[str, Any]) -> str:  # Any: the form's cleaned values
            goodwill.return_credits(job=job, credits=asked["credits"], reason=asked["reason"], by=by, at=timezone.now())
            return f"{asked['credits']} credits returned."

        return ask(
            request,
            self,
            CreditsForm,
            title=f"Return credits of {job.pk}, charged {job.cost}",
            button="Return these credits",
            back=_page_of(job),
            perform=perform,
        )


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "title", "created_at", "deleted_at")
    list_select_related = ("user",)
    search_fields = ("id", "title", "user__email")


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    """Found by the token of a link that somebody reported; it is not shown, for staff watch no customer's film."""

    list_display = ("id", "user", "project_id", "created_at", "revoked_at")
    list_select_related = ("user",)
    fields = ("id", "user", "project", "created_at", "revoked_at")
    search_fields = ("token__exact", "project__id", "user__email")
    actions_detail = ("stop_sharing",)

    def has_unshare_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("pipeline.change_sharelink")

    @action(description="Stop sharing", permissions=["unshare"])  # type: ignore[untyped-decorator]  # unfold
    def stop_sharing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        link = row_or_404(ShareLink, object_id)

        def perform(by: User, asked: dict[str, Any]) -> str:  # Any: the form's cleaned values
            sharing.stop_sharing(project=link.project, by=by, at=timezone.now())
            return "The video is no longer shared."

        return ask(
            request,
            self,
            AskedOnce,
            title=f"Stop sharing {link.project_id}",
            button="Stop sharing this video",
            back=reverse("admin:pipeline_sharelink_change", args=[link.pk]),
            perform=perform,
        )


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    list_display = ("filename", "kind", "size_bytes", "job_id", "created_at", "expired_at")
    list_filter = ("kind",)
    search_fields = ("job__id", "sha256")


class VoiceSampleInline(ReadOnlyInline):
    model = VoiceSample
    fields = ("duration_ms", "size_bytes", "sha256", "created_at")


@admin.register(VoiceProfile)
class VoiceProfileAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "state", "provider", "error_code", "consented_at", "created_at")
    list_select_related = ("user",)
    list_filter = ("state",)
    search_fields = ("id", "user__email")
    inlines = (VoiceSampleInline,)


@admin.register(StepAttempt)
class StepAttemptAdmin(ReadOnlyAdmin):
    list_display = ("job_step", "fence", "outcome", "error_code", "worker", "started_at", "cpu_seconds")
    list_select_related = ("job_step",)
    list_filter = ("outcome", "error_code")
    search_fields = ("job_step__job__id", "span_id")


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnlyAdmin):
    list_display = ("provider", "method", "state", "model", "units", "cost_micro_usd", "error_code", "started_at")
    list_filter = ("provider", "state")
    search_fields = ("job_step__job__id", "span_id")


@admin.register(Artifact)
class ArtifactAdmin(ReadOnlyAdmin):
    list_display = ("step", "unit", "provider", "user", "created_at", "key")
    list_select_related = ("user",)
    list_filter = ("step", "provider")


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyAdmin):
    """Every worker service that runs, or fell silent within the hour."""

    list_display = ("name", "host", "queue", "processes", "started_at", "last_seen", "works_on")
    list_filter = ("queue",)
    fields = (*list_display, "is_draining")
    readonly_fields = ("last_seen", "works_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkerBeat]:
        return services()

    @admin.display(ordering="-seen_at")
    def last_seen(self, service: Any) -> str:  # Any: a row of `services`, with its annotations
        seen = f"{service.age.total_seconds():.0f} s ago"
        return f"{seen}, takes no more work" if service.is_draining else seen

    @admin.display(description="works on")
    def works_on(self, service: Any) -> str:  # Any: as above
        return ", ".join(service.work) or "nothing"


def _page_of(job: Job) -> str:
    return reverse("admin:pipeline_job_change", args=[job.pk])
