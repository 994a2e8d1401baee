"""A fact told to programs: signed, once a row, to the addresses that listen, by their owner alone."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ
from standardwebhooks import Webhook, WebhookVerificationError

from apps.notifications.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from apps.notifications.webhooks import endpoints
from apps.notifications.webhooks.sending import send
from canvascast.errors import NotFound, Refused
from tests.notifications.conftest import reachable
from tests.notifications.webhooks.conftest import fate, happen, listen
from tests.parallel import at_once

JOB = "00000000-0000-4000-8000-000000000007"


def test_program_is_told_and_can_check_who_told_it(user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)

    send(delivery.pk)

    assert fate(delivery) == ("DELIVERED", "", 1, 204)
    (call,) = hook.calls
    payload = Webhook(endpoint.secret).verify(call.body, call.headers)
    site = "http://127.0.0.1:8000"
    assert (payload["type"], payload["id"]) == ("job.ready", call.headers["webhook-id"])
    assert payload["data"] == {
        **delivery.payload["data"],
        "url": f"{site}/app/videos/{delivery.subject}",
        "statusUrl": f"{site}/api/v1/jobs/{delivery.subject}/status",
        "assetsUrl": f"{site}/api/v1/jobs/{delivery.subject}/assets",
    }


def test_failed_video_has_no_files_to_lead_to(user, hook):
    listen(user, hook.url)

    send(happen(user, WebhookEvent.JOB_FAILED).pk)

    assert set(json.loads(hook.calls[0].body)["data"]) == {"jobId", "projectId", "title", "url", "statusUrl"}


def test_changed_body_and_other_secret_are_noticed(user, hook):
    endpoint = listen(user, hook.url)
    send(happen(user).pk)
    (call,) = hook.calls

    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(call.body.replace(b"ready", b"READY"), call.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "QUJD" * 8).verify(call.body, call.headers)


def test_same_fact_told_twice_is_one_delivery_and_one_id(user, hook):
    listen(user, hook.url)

    first, second = happen(user, subject=JOB), happen(user, subject=JOB)

    assert first.pk == second.pk
    assert OrmQ.objects.count() == 1


def test_fact_goes_back_with_its_transaction(user, hook):
    listen(user, hook.url)

    with transaction.atomic():
        happen(user)
        transaction.set_rollback(True)

    assert not WebhookDelivery.objects.exists()
    assert not OrmQ.objects.exists()


def test_only_addresses_that_listen_are_told(user, hook):
    for events in (("job.ready",), ("job.failed",), ("job.ready", "job.failed")):
        listen(user, hook.url, *events)
    off = listen(user, hook.url)
    endpoints.change_endpoint(user=user, endpoint_id=off.pk, is_active=False)
    listen(reachable("bob@example.com"), hook.url)

    happen(user, WebhookEvent.JOB_FAILED)

    assert sorted(row.endpoint.events for row in WebhookDelivery.objects.all()) == [
        ["job.failed"],
        ["job.ready", "job.failed"],
    ]


def test_who_has_no_webhook_costs_one_query(user, django_assert_num_queries):
    with django_assert_num_queries(1):
        endpoints.record(user_id=user.pk, event=WebhookEvent.JOB_READY, subject="x", data={}, at=timezone.now())


def test_new_secret_whose_answer_was_lost_is_asked_for_again_and_the_old_one_stays_good(user, hook):
    endpoint = listen(user, hook.url)
    old, now = endpoint.secret, timezone.now()

    made = []
    for minutes in (0, 9, 11):
        at = now + timedelta(minutes=minutes)
        made.append(endpoints.rotate_secret(user=user, endpoint_id=endpoint.pk, at=at).secret)
        endpoint.refresh_from_db()
        made.append(endpoint.previous_secret)

    first, second, third = made[::2]
    assert made[1::2] == [old, old, second]
    assert (endpoint.secret, first != second) == (third, True)


def test_new_secret_signs_beside_the_old_one_for_a_day(user, hook):
    endpoint = listen(user, hook.url)
    old = endpoint.secret
    new = endpoints.rotate_secret(user=user, endpoint_id=endpoint.pk, at=timezone.now()).secret

    send(happen(user).pk)
    WebhookEndpoint.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    send(happen(user).pk)

    both, alone = hook.calls
    for secret in (old, new):
        Webhook(secret).verify(both.body, both.headers)
    Webhook(new).verify(alone.body, alone.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(alone.body, alone.headers)


def test_sixth_address_is_refused(user, hook):
    for _ in range(endpoints.MOST_ENDPOINTS):
        listen(user, hook.url)

    with pytest.raises(Refused, match="You have 5 webhooks"):
        listen(user, hook.url)


def test_stranger_cannot_touch_the_address(user, hook):
    endpoint, stranger = listen(user, hook.url), reachable("bob@example.com")
    delivery = happen(user)

    for attempt in (
        lambda: endpoints.change_endpoint(user=stranger, endpoint_id=endpoint.pk, is_active=False),
        lambda: endpoints.rotate_secret(user=stranger, endpoint_id=endpoint.pk, at=timezone.now()),
        lambda: endpoints.delete_endpoint(user=stranger, endpoint_id=endpoint.pk),
        lambda: endpoints.send_test(user=stranger, endpoint_id=endpoint.pk, at=timezone.now()),
        lambda: endpoints.send_again(
            user=stranger, endpoint_id=endpoint.pk, delivery_id=delivery.pk, at=timezone.now()
        ),
    ):
        with pytest.raises(NotFound):
            attempt()

    before = endpoint.secret
    endpoint.refresh_from_db()
    assert (endpoint.secret, endpoint.is_active) == (before, True)


@pytest.mark.django_db(transaction=True)
def test_twenty_requests_at_once_leave_five_addresses(user, hook):
    def ask(_: int) -> bool:
        try:
            listen(user, hook.url)
        except Refused:
            return False
        return True

    assert sum(at_once(ask, threads=20)) == 5
    assert WebhookEndpoint.objects.count() == 5
