"""The button pressed many times at once."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.billing.models import LedgerEntry
from apps.pipeline.models import Job
from tests.pages.conftest import give
from tests.parallel import at_once

PRESSES = 10


@pytest.mark.django_db(transaction=True)
def test_button_pressed_many_times_at_once_makes_and_charges_one_video():
    owner = User.objects.create_user("owner@example.com")
    give(owner, 10)
    form = {"prompt": "Why do cats purr at night?", "key": str(uuid.uuid4()), "make": "1", "agreed": "1"}
    clients = [Client() for _ in range(PRESSES)]
    for client in clients:
        client.force_login(owner)

    urls = at_once(lambda number: clients[number].post("/app/new", form).headers["Location"], threads=PRESSES)

    assert set(urls) == {f"/app/videos/{Job.objects.get().project_id}"}
    assert LedgerEntry.objects.filter(kind="RESERVE").count() == 1
