"""Deliveries as they really leave: by the worker service, which dies between the call and its record."""

from __future__ import annotations

from datetime import timedelta

import psutil
import pytest
from django.utils import timezone
from django_q.models import OrmQ

from apps.notifications.models import WebhookDelivery
from tests.notifications.webhooks.conftest import fate, happen, listen
from tests.workers import cluster_workers, running_worker, wait_until


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow  # two leases are waited for
def test_worker_killed_before_and_after_the_call_leaves_one_repeat_under_the_same_id(user, hook, tmp_path):
    listen(user, hook.url)
    delivery = happen(user)
    OrmQ.objects.all().delete()
    WebhookDelivery.objects.update(hinted_at=timezone.now() - timedelta(minutes=1))

    with running_worker(
        tmp_path, "tests.notifications.webhooks.settings_local", queues="quick", LEASE_SECONDS="1"
    ) as worker:
        hook.on_call = lambda: len(hook.calls) == 1 and _kill(cluster_workers(worker))
        wait_until(lambda: fate(delivery)[0] == "DELIVERED", seconds=60, what="the repeat")

    assert fate(delivery) == ("DELIVERED", "", 2, 204)
    first, second = hook.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.kill()
