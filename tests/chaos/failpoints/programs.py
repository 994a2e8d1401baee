"""Flows of users' programs that are told of videos: taken, refused, asked for again, paused, forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.notifications.models import Notification, WebhookDelivery, WebhookEndpoint
from apps.notifications.webhooks import sending
from apps.notifications.webhooks.endpoints import delete_old
from tests.chaos.failpoints.films import order
from tests.chaos.failpoints.stage import Flow, Memory, Outside, make_films, work
from tests.chaos.failpoints.world import World, arrive, asked


def listen(world: World):
    def listen(memory: Memory) -> None:
        """Add the address; a program that got no answer looks whether it is there."""
        known = asked(memory, "get", "/webhooks", 200)["webhooks"]
        if not known:
            body = {"url": world.hook.url, "events": ["job.ready", "job.failed"]}
            known = [asked(memory, "post", "/webhooks", 201, body=body)]
        memory["webhook"] = known[0]["id"]

    return listen


def change(memory: Memory) -> None:
    asked(memory, "patch", f"/webhooks/{memory['webhook']}", 200, body={"events": ["job.ready"]})


def rotate(memory: Memory) -> None:
    """However often it has to be asked for, what programs have now stays good for a day."""
    endpoint = WebhookEndpoint.objects.get(pk=memory["webhook"])
    memory.setdefault("secret_before", endpoint.previous_secret or endpoint.secret)
    made = asked(memory, "post", f"/webhooks/{memory['webhook']}/secret", 200)["secret"]
    endpoint.refresh_from_db()
    assert (endpoint.secret, endpoint.previous_secret) == (made, memory["secret_before"])


def test(memory: Memory) -> None:
    asked(memory, "post", f"/webhooks/{memory['webhook']}/test", 201)


def ask_again(memory: Memory) -> None:
    """While one is on its way, nobody need ask."""
    delivery = WebhookDelivery.objects.filter(endpoint_id=memory["webhook"], event="job.ready").latest("created_at")
    asked(memory, "post", f"/webhooks/{memory['webhook']}/deliveries/{delivery.pk}/again", 201, 409)


def forget_old(memory: Memory) -> None:
    delete_old(at=timezone.now() + timedelta(days=31))


def take_away(memory: Memory) -> None:
    asked(memory, "delete", f"/webhooks/{memory['webhook']}", 204, 404)


def answers(world: World, status: int) -> Outside:
    return Outside(lambda memory: world.hook.answers(status))


def fail_for_days(memory: Memory) -> None:
    long_ago = timezone.now() - timedelta(days=3)
    WebhookEndpoint.objects.filter(pk=memory["webhook"]).update(failing_since=long_ago)


def wear_out(memory: Memory) -> None:
    """A delivery whose worker dies every time."""
    WebhookDelivery.objects.filter(endpoint_id=memory["webhook"]).update(
        state="SENDING", tries=10, holder=memory["webhook"], lease_until=timezone.now() - timedelta(seconds=1)
    )


def work_a_little(memory: Memory) -> None:
    """One try of what waits; the next one waits for its time."""
    for delivery in WebhookDelivery.objects.filter(endpoint_id=memory["webhook"], tries=0):
        sending.send(delivery.pk)


def is_told(memory: Memory) -> None:
    deliveries = WebhookDelivery.objects.filter(endpoint_id=memory["webhook"]).exclude(event="webhook.test")
    assert {each.state for each in deliveries} <= {"DELIVERED"}, [(d.state, d.reason) for d in deliveries]
    assert len({each.message_id for each in deliveries if each.event == "job.ready"}) == 1


def is_paused(memory: Memory) -> None:
    endpoint = WebhookEndpoint.objects.get(pk=memory["webhook"])
    if WebhookDelivery.objects.filter(endpoint=endpoint, reason="worker_lost").exists():
        # A worker that died of the last try leaves the pause to the next delivery that fails.
        return
    assert (endpoint.is_active, endpoint.paused_at is not None) == (False, True)
    assert Notification.objects.filter(user_id=memory["user"], event="webhook_paused").count() == 1
    assert not WebhookDelivery.objects.filter(endpoint=endpoint, state__in=["QUEUED", "SENDING"]).exists()


def is_given_up(memory: Memory) -> None:
    states = WebhookDelivery.objects.filter(endpoint_id=memory["webhook"]).values_list("state", "reason")
    assert set(states) == {("GIVEN_UP", "worker_lost")}


def is_forgotten(memory: Memory) -> None:
    assert not WebhookEndpoint.objects.filter(user_id=memory["user"]).exists()


def flows(world: World) -> tuple[Flow, ...]:
    start, taken = Outside(arrive), answers(world, 204)
    begun = (start, taken, listen(world))
    return (
        Flow(
            "is told",
            (
                *begun,
                answers(world, 500),
                order("a program is told"),
                test,
                work_a_little,
                taken,
                change,
                rotate,
                work,
                ask_again,
                work,
            ),
            is_told,
        ),
        Flow(
            "is told after it failed once",
            (*begun, answers(world, 500), order("a program is told"), make_films, work_a_little, taken, work),
            is_told,
        ),
        Flow("is told no more", (*begun, order("a program is told"), work, forget_old, take_away), is_forgotten),
        Flow(
            "is paused",
            (*begun, answers(world, 500), order("a program fails"), Outside(fail_for_days), work, taken),
            is_paused,
        ),
        Flow("wears workers out", (*begun, test, Outside(wear_out), work), is_given_up),
    )
