"""The worker services there are, as operators look at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, DurationField, ExpressionWrapper, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat, Now

from apps.pipeline.models import FORGOTTEN_AFTER, JobStep, WorkerBeat
from apps.pipeline.states import StepState


def services() -> QuerySet[WorkerBeat]:
    """Return the services that showed themselves in the last hour, one query.

    Each has its `age` since it was last seen, by the database's clock, and as `work` a line for every row that its
    processes hold.
    """
    held = JobStep.objects.filter(state=StepState.RUNNING, worker__startswith=Concat(OuterRef("name"), Value("/")))
    line = Concat("step", Value(" "), "part", Value(" of "), Cast("job_id", CharField()), output_field=CharField())
    age = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    work = ArraySubquery(held.order_by("started_at", "pk").annotate(line=line).values("line"))
    recent = WorkerBeat.objects.alive(within=FORGOTTEN_AFTER, with_draining=True)
    return recent.annotate(age=age, work=work).order_by("queue", "name")


def services_by_queue(queues: Iterable[str]) -> dict[str, list[dict[str, Any]]]:  # Any: JSON values
    """Return the services of each of the queues; `seconds` since they were last seen."""
    found: dict[str, list[dict[str, Any]]] = {queue: [] for queue in queues}  # Any: as above
    rows: QuerySet[Any] = services()  # Any: its annotations are no fields
    for service in rows.values("name", "queue", "host", "processes", "is_draining", "age", "work"):
        age, draining = service.pop("age"), service.pop("is_draining")
        found.setdefault(service.pop("queue"), []).append(
            {**service, "seconds": round(age.total_seconds(), 1), "draining": draining}
        )
    return found
