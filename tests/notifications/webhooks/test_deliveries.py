"""A fact told to programs: signed, once a row, again until it is taken, and then what becomes of the address."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone
from django_q.models import OrmQ
from standardwebhooks import Webhook, WebhookVerificationError

from apps.notifications.models import Event, Notification, WebhookDelivery, WebhookEndpoint, WebhookEvent
from apps.notifications.webhooks import endpoints, outbox, sending
from apps.notifications.webhooks.outbox import sweep
from apps.notifications.webhooks.sending import send
from canvascast.errors import NotFound, Refused
from tests.notifications.conftest import reachable
from tests.notifications.webhooks.conftest import fate, happen, listen, make_due
from tests.notifications.webhooks.receiver import program
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


def test_refused_delivery_is_tried_again_with_the_same_id_and_body(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    hook.answers(500)
    send(delivery.pk)
    assert fate(delivery) == ("QUEUED", "refused", 1, 500)
    assert timedelta(seconds=4) < delivery.due_at - timezone.now() < timedelta(seconds=6)

    hook.answers(200)
    make_due(delivery)
    send(delivery.pk)

    assert fate(delivery) == ("DELIVERED", "", 2, 200)
    first, second = hook.calls
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


def test_delivery_that_is_not_due_is_not_tried(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    hook.answers(500)

    for _ in range(3):
        send(delivery.pk)

    assert (fate(delivery)[2], len(hook.calls)) == (1, 1)


def test_ten_tries_spread_over_three_days(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    hook.answers(500)
    waited = timedelta()

    for _ in range(outbox.MOST_TRIES):
        make_due(delivery)
        send(delivery.pk)
        delivery.refresh_from_db()
        if delivery.state == "QUEUED":
            waited += delivery.due_at - timezone.now()

    assert fate(delivery) == ("GIVEN_UP", "refused", 10, 500)
    assert timedelta(days=2, hours=16) < waited < timedelta(days=3, hours=8)


def give_up_after_days(user, hook, endpoint) -> WebhookDelivery:
    delivery, waiting = happen(user), happen(user)
    hook.answers(500)
    send(waiting.pk)
    days_ago = timezone.now() - timedelta(days=3)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=days_ago)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(tries=outbox.MOST_TRIES - 1)
    send(delivery.pk)
    return waiting


def test_address_that_took_nothing_for_days_is_paused_and_its_owner_is_told(user, hook):
    endpoint = listen(user, hook.url)

    waiting = give_up_after_days(user, hook, endpoint)

    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.paused_at is not None) == (False, True)
    assert fate(waiting)[:2] == ("DROPPED", "paused")
    told = Notification.objects.get(event=Event.WEBHOOK_PAUSED)
    assert (told.facts["host"], told.facts["endpointId"], told.state) == ("127.0.0.1", str(endpoint.pk), "QUEUED")
    happen_to_nobody = WebhookDelivery.objects.count()
    endpoints.record(user_id=user.pk, event=WebhookEvent.JOB_READY, subject="y", data={}, at=timezone.now())
    assert WebhookDelivery.objects.count() == happen_to_nobody


def test_paused_address_that_is_turned_on_starts_anew(user, hook):
    endpoint = listen(user, hook.url)
    waiting = give_up_after_days(user, hook, endpoint)
    hook.answers(200)

    endpoint = endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, is_active=True)
    again = endpoints.send_again(user=user, endpoint_id=endpoint.pk, delivery_id=waiting.pk, at=timezone.now())
    send(again.pk)

    assert (endpoint.paused_at, endpoint.failing_since) == (None, None)
    assert fate(again) == ("DELIVERED", "", 1, 200)


def test_one_delivery_given_up_within_hours_pauses_nothing(user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)
    hook.answers(500)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(tries=outbox.MOST_TRIES - 1)

    send(delivery.pk)

    endpoint.refresh_from_db()
    assert (fate(delivery)[0], endpoint.is_active) == ("GIVEN_UP", True)


def test_address_that_answers_again_is_no_longer_failing(user, hook):
    endpoint = listen(user, hook.url)
    hook.answers(500)
    send(happen(user).pk)
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None

    hook.answers(200)
    send(happen(user).pk)

    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_address_that_is_gone_is_paused_at_once(user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)
    hook.answers(410)

    send(delivery.pk)

    endpoint.refresh_from_db()
    assert (fate(delivery), endpoint.is_active) == (("GIVEN_UP", "gone", 1, 410), False)


def test_private_address_is_not_called_and_the_log_says_why(user, hook, settings):
    listen(user, hook.url)
    delivery = happen(user)
    settings.WEBHOOKS_MAY_BE_LOCAL = False

    send(delivery.pk)

    assert (fate(delivery), hook.calls) == (("QUEUED", "not_public", 1, None), [])


def test_what_waits_for_an_address_that_was_turned_off_is_dropped(user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)
    endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, is_active=False)

    send(delivery.pk)

    assert (fate(delivery)[:2], hook.calls) == (("DROPPED", "switched_off"), [])


def test_nothing_is_told_about_somebody_who_left(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    user.is_active = False
    user.save()

    send(delivery.pk)

    assert (fate(delivery)[0], hook.calls) == ("DROPPED", [])


def test_send_again_is_a_new_row_with_the_same_id(user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)
    send(delivery.pk)

    again = endpoints.send_again(user=user, endpoint_id=endpoint.pk, delivery_id=delivery.pk, at=timezone.now())
    send(again.pk)

    first, second = hook.calls
    assert again.pk != delivery.pk
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_what_is_on_its_way_is_not_sent_again_beside_it(user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)

    with pytest.raises(Refused, match="on its way"):
        endpoints.send_again(user=user, endpoint_id=endpoint.pk, delivery_id=delivery.pk, at=timezone.now())

    assert WebhookDelivery.objects.count() == 1


def test_test_is_sent_once_and_not_tried_again(user, hook):
    endpoint = listen(user, hook.url)
    hook.answers(500)

    delivery = endpoints.send_test(user=user, endpoint_id=endpoint.pk, at=timezone.now())
    send(delivery.pk)

    assert fate(delivery) == ("GIVEN_UP", "refused", 1, 500)
    endpoint.refresh_from_db()
    assert endpoint.is_active


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


def test_deleted_video_is_forgotten(user, hook):
    listen(user, hook.url)
    gone, kept = happen(user), happen(user)

    endpoints.forget(user_id=user.pk, subjects=[gone.subject])

    assert list(WebhookDelivery.objects.values_list("pk", flat=True)) == [kept.pk]


def test_log_goes_back_thirty_days_and_what_waits_stays(user, hook):
    listen(user, hook.url)
    old, recent = happen(user), happen(user)
    for delivery in (old, recent):
        send(delivery.pk)
    waiting = happen(user)
    long_ago = timezone.now() - timedelta(days=31)
    WebhookDelivery.objects.filter(pk__in=[old.pk, waiting.pk]).update(created_at=long_ago)

    assert endpoints.delete_old(at=timezone.now()) == 1
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == {recent.pk, waiting.pk}


def test_one_process_calls_and_goes_on_with_all_that_is_due(user, hook):
    listen(user, hook.url)
    deliveries = [happen(user) for _ in range(3)]
    with connections["default"].copy().cursor() as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(%s)", [outbox._TURN])
        send(deliveries[0].pk)
        assert hook.calls == []
        elsewhere.connection.close()

    send(deliveries[0].pk)

    assert [fate(delivery)[0] for delivery in deliveries] == ["DELIVERED"] * 3


def test_address_that_fails_holds_up_no_other_in_the_same_round(user, hook):
    other = reachable("bob@example.com")
    with program() as broken:
        broken.answers(500)
        listen(user, broken.url)
        failing = [happen(user) for _ in range(3)]
        listen(other, hook.url)
        waiting = happen(other)

        send(failing[0].pk)

    assert len(broken.calls) == 1
    assert fate(waiting)[0] == "DELIVERED"


def test_round_ends_after_its_time(user, hook, monkeypatch):
    listen(user, hook.url)
    first, second = happen(user), happen(user)
    monkeypatch.setattr(sending, "ROUND_SECONDS", 0.0)

    send(first.pk)

    assert (fate(first)[0], fate(second)[0]) == ("DELIVERED", "QUEUED")


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


def test_sweep_queues_a_forgotten_delivery_once(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    OrmQ.objects.all().delete()
    WebhookDelivery.objects.update(hinted_at=None)

    sweep()
    sweep()

    assert [hint.task["args"] for hint in OrmQ.objects.all()] == [(str(delivery.pk),)]


def test_sweep_ends_a_delivery_that_kills_its_worker_every_time(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    for _ in range(outbox.MOST_TRIES):
        outbox.claim(delivery.pk)
        make_due(delivery)

    sweep()

    assert fate(delivery)[:3] == ("GIVEN_UP", "worker_lost", 10)


def test_worker_that_lost_its_lease_writes_nothing(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    stale = outbox.claim(delivery.pk)
    make_due(delivery)
    send(delivery.pk)

    with pytest.raises(outbox.LeaseLost):
        outbox.drop(stale, reason="late")

    assert fate(delivery) == ("DELIVERED", "", 2, 204)


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_at_once_call_once(user, hook):
    listen(user, hook.url)
    delivery = happen(user)

    at_once(lambda _: send(delivery.pk), threads=20)

    assert (len(hook.calls), fate(delivery)) == (1, ("DELIVERED", "", 1, 204))


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


def test_unknown_delivery_is_nobody_s(db):
    send(uuid4())
