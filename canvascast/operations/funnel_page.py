"""The staff page of the funnel: how often what happened, and how far those came who began in a week."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from canvascast.funnel.models import Fact
from canvascast.funnel.queries import Unit, cohorts, counts, spans
from canvascast.staff import ReadOnlyAdmin

_SPANS: dict[Unit, int] = {"day": 14, "week": 8}
_COHORT_WEEKS = 8


class FunnelAdmin(ReadOnlyAdmin):
    """Facts are counted; a single one tells nobody anything, so there is no list of them and no page of one."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        unit: Unit = "day" if request.GET.get("by") == "day" else "week"
        now = timezone.now()
        starts = spans(unit, at=now, number=_SPANS[unit])
        context = {
            **self.admin_site.each_context(request),
            "title": "Funnel",
            "opts": self.opts,
            "unit": unit,
            "starts": starts,
            "rows": counts(unit, starts),
            "cohorts": cohorts(spans("week", at=now, number=_COHORT_WEEKS)),
        }
        return TemplateResponse(request, "admin/operations/funnel.html", context)

    def has_view_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        return obj is None and super().has_view_permission(request)
