"""What the smoke test says of a site that is not as it must be; a good one is visited in tests/flows."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import ApiKey
from apps.pipeline.models import Job
from tests.workers import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def complaint_about(address: str) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command("smoke", "--url", address, stdout=StringIO(), stderr=StringIO())
    assert refusal.value.returncode == 1
    return str(refusal.value)


def test_site_that_does_not_answer_is_told_and_the_key_ends():
    complaint = complaint_about(f"http://127.0.0.1:{free_port()}")

    assert complaint == "Not as it should be: the site is ready: ConnectionError"
    assert [key.revoked_at is None for key in ApiKey.objects.all()] == [False]


def test_site_without_a_worker_is_told_before_anything_is_ordered(live_server):
    complaint = complaint_about(live_server.url)

    assert complaint == "Not as it should be: the site is ready: /ready answers 503: queue"
    assert not Job.objects.exists()
