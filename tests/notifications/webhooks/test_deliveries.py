"""A delivery from its first try to its end: again until it is taken, and then what becomes of the address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications.models import Event, Notification, WebhookDelivery, WebhookEndpoint, WebhookEvent
from apps.notifications.webhooks import endpoints, outbox, wire
from apps.notifications.webhooks.sending import send
from canvascast.errors import Refused
from tests.notifications.webhooks.conftest import fate, happen, listen, make_due


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


def send_test_in_vain(user, endpoint, *, failing_for: timedelta | None = None) -> WebhookEndpoint:
    since = timezone.now() - failing_for if failing_for else None
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=since)
    send(endpoints.send_test(user=user, endpoint_id=endpoint.pk, at=timezone.now()).pk)
    endpoint.refresh_from_db()
    return endpoint


def test_test_in_vain_is_no_failing_of_the_address(user, hook):
    hook.answers(500)

    endpoint = send_test_in_vain(user, listen(user, hook.url))

    assert (endpoint.is_active, endpoint.failing_since) == (True, None)


def test_test_in_vain_pauses_nothing_and_what_waits_is_still_sent(user, hook):
    endpoint = listen(user, hook.url)
    hook.answers(500)
    waiting = happen(user)

    send_test_in_vain(user, endpoint, failing_for=timedelta(days=3))

    assert (endpoint.is_active, fate(waiting)[0]) == (True, "QUEUED")


def test_test_of_an_address_that_is_gone_pauses_it(user, hook):
    hook.answers(410)

    endpoint = send_test_in_vain(user, listen(user, hook.url))

    assert (endpoint.is_active, Notification.objects.filter(event=Event.WEBHOOK_PAUSED).count()) == (False, 1)


@pytest.mark.parametrize(("path", "is_failing"), [("/other", False), ("/hook", True)])
def test_another_url_has_not_failed_yet(user, hook, path, is_failing):
    endpoint = listen(user, hook.url)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=3))

    url = hook.url.replace("/hook", path)
    changed = endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, url=url, events=["job.ready"])

    assert (changed.url, changed.failing_since is not None) == (url, is_failing)


@pytest.mark.parametrize("status", [500, 410])
def test_call_under_way_to_an_earlier_url_says_nothing_of_the_new_one(user, hook, status, monkeypatch):
    endpoint = listen(user, hook.url)
    delivery = happen(user)
    hook.answers(status)
    post = wire.post

    def move_meanwhile(*given, **named):
        moved = hook.url.replace("/hook", "/other")
        endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, url=moved, events=["job.ready"])
        return post(*given, **named)

    monkeypatch.setattr(wire, "post", move_meanwhile)
    send(delivery.pk)

    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.failing_since, fate(delivery)[0]) == (True, None, "QUEUED")


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
