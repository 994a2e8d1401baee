"""The API does what its published description says, whatever it is sent, soon, and never breaks (Schemathesis)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.accounts.api_keys import create_key
from apps.pipeline.models import Job, JobStep, VoiceProfile
from tests.api.test_projects import finished
from tests.pages.made import lay_down_script
from tests.pipeline.small_video import SENTENCES
from tests.promptness import taken

pytestmark = pytest.mark.goal("S2")

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
QUICK = settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=150, derandomize=False)


@pytest.fixture
def mine(owner, program, trivial) -> Iterator[SimpleNamespace]:
    """The owner's key, and the ids of things that are there to be asked for."""
    trivial.ACCOUNT_RATE_LIMITS = False
    trivial.CLONER = "elevenlabs"
    trivial.API_RATES = dict.fromkeys(trivial.API_RATES, "1000000/min")
    job = finished(program)
    take_script_away(job)
    lay_down_script(job, SENTENCES)
    voice = VoiceProfile.objects.create(user=owner, name="Mine", consented_at=timezone.now())
    ids = {
        "project_id": str(job.project_id),
        "job_id": str(job.pk),
        "asset_id": str(job.assets.first().pk),
        "profile_id": str(voice.pk),
    }
    _, secret = create_key(user=owner, name="schema", at=timezone.now())
    with one_connection():
        yield SimpleNamespace(ids=ids, headers={"Authorization": f"Bearer {secret}"})


def take_script_away(job: Job) -> None:
    """The small pipeline's is none of the product's."""
    JobStep.objects.filter(job=job, step="script").delete()


@contextlib.contextmanager
def one_connection() -> Iterator[None]:
    """The test's transaction outlives its requests, as with Django's own test client, which must not be used within."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@schema.parametrize()
@QUICK
def test_answers_are_as_described(case, mine):
    check(case, mine)


@pytest.mark.slow
@schema.parametrize()
@LONG
def test_answers_are_as_described_to_many_more_requests(case, mine):
    check(case, mine)


def check(case, mine) -> None:
    """Ask as generated, then for things that exist; undo what either changed."""
    for ids in ({}, mine.ids):
        for name in case.path_parameters or {}:
            case.path_parameters[name] = ids.get(name, case.path_parameters[name])
        with transaction.atomic():
            with taken() as time:
                response = case.call(headers=mine.headers)
            transaction.set_rollback(True)
        assert time.is_prompt, time
        case.validate_response(response, checks=CHECKS)
        if not case.path_parameters:
            return
