"""What an answer may cost the database, however much there is to tell."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.pipeline.models import Job, JobStep
from tests.api.test_projects import order
from tests.engine.test_runner import run
from tests.pages.made import lay_down_script
from tests.pipeline.small_video import SENTENCES


@pytest.fixture(params=["browser", "program"])
def caller(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def job(caller, trivial) -> Job:
    """One of four, finished, with three scenes."""
    for _ in range(3):
        order(caller)
    made = run(Job.objects.get(pk=order(caller).json()["jobId"]))
    JobStep.objects.filter(job=made, step="script").delete()
    lay_down_script(made, SENTENCES)
    return made


MOST = {
    "/api/v1/jobs/{job}/status": 4,
    "/api/v1/jobs/{job}/scenes": 6,
    "/api/v1/projects/{project}": 4,
    "/api/v1/jobs/{job}/assets": 4,
    "/api/v1/projects": 6,
    "/api/v1/credits/balance": 3,
    "/api/v1/credits/history": 6,
    "/api/v1/voice-profiles": 6,
    "/api/v1/notifications/preferences": 3,
}


def test_answers_take_few_queries(caller, job):
    counted = {address: queries_of(caller, address.format(job=job.pk, project=job.project_id)) for address in MOST}

    assert {address: count for address, count in counted.items() if count > MOST[address]} == {}


def queries_of(caller, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert caller.get(address).status_code == 200
    return len(queries)
