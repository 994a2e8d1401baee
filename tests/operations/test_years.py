"""After years of videos, what runs every few seconds or minutes reads what is new and not what there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.utils import timezone

from apps.pipeline import gate
from apps.pipeline.models import Job, ProviderCall
from bench.years import fill
from canvascast.metrics import collector
from canvascast.operations.reconcile import reconcile, reconcile_lately
from tests.plans import rows_read

pytestmark = pytest.mark.django_db
VIDEOS = 1000


@pytest.fixture(scope="module", autouse=True)
def _years(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A video an hour, the last now: 10 rows of steps, 5 files and 5 calls of vendors each."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill(VIDEOS, every="1 hour")
        yield
        transaction.set_rollback(True)


def test_check_of_every_five_minutes_reads_the_last_hours():
    found = []

    read = rows_read(lambda: found.extend(reconcile_lately()))

    assert found == []
    # Six videos, of six users with a history of 40 each.
    assert (read["jobs"], read["job_steps"], read["assets"]) == (4 * 6, 6 * 10, 6 * 5)
    assert read["credit_ledger"] <= 6 * 81 + 120
    assert read["lot_allocations"] <= 6 * 80 + 20


def test_whole_check_reads_everything():
    found = []

    read = rows_read(lambda: found.extend(reconcile(files=False)))

    assert found == []
    assert (read["jobs"] >= VIDEOS, read["job_steps"], read["assets"]) == (True, 10 * VIDEOS, 5 * VIDEOS)


def test_gauges_read_the_last_day():
    read = rows_read(lambda: list(collector.Business().collect()))

    assert read["jobs"] <= 3 * 25
    assert read["credit_ledger"] <= 2 * 25
    assert read["provider_calls"] <= 2 * 25 * 5
    assert read["notifications"] == read["stripe_events"] == 0


def test_gate_reads_the_newest_calls_of_a_vendor():
    read = rows_read(lambda: gate.closed_until("openai", timezone.now()))

    # The last five that ended, and two of the last minute.
    assert 5 <= read["provider_calls"] <= 5 + 2


def test_gate_reads_what_the_day_has_cost():
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)

    read = rows_read(lambda: gate._spent(started_at__gte=midnight))

    assert 0 < read["provider_calls"] <= 25 * 5


def test_gate_reads_the_tries_since_a_video_was_last_ready():
    newest = Job.objects.order_by("-created_at")[0]
    job = Job.objects.create(project_id=newest.project_id, user_id=newest.user_id, brief={}, price=4)

    read = rows_read(lambda: gate._require_below_cap(ProviderCall(provider="openai"), job.pk))

    # The try itself, by its key and by its project's index, and the ready one before it: not the forty of the project.
    assert 3 <= read["jobs"] <= 5
    assert read["provider_calls"] == 0
