"""`/api/v1/webhooks`: the addresses at which a user's programs are told, and the log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field, StrictBool

from apps.notifications.models import WebhookDelivery, WebhookEndpoint
from apps.notifications.webhooks import endpoints, queries
from canvascast.api.auth import Request
from canvascast.api.schemas import REFUSALS, Asked, Body, Text

router = Router(tags=["webhooks"], by_alias=True)

Url = Annotated[Text, Field(max_length=500, description="https, on the public internet")]
Events = Annotated[list[Text], Field(min_length=1, max_length=10, description="job.ready, job.failed")]


class WebhookIn(Asked):
    url: Url
    events: Events = ["job.ready", "job.failed"]


class WebhookChanges(Asked):
    """What is left out stays as it is."""

    url: Url | None = None
    events: Events | None = None
    is_active: StrictBool | None = None


class WebhookOut(Body):
    id: UUID
    url: str
    events: list[str]
    is_active: bool
    paused_at: datetime | None = Field(description="when we turned it off because it did not answer for days")
    failing_since: datetime | None
    created_at: datetime


class WebhookMade(WebhookOut):
    secret: str = Field(description="signs what is sent; shown this once")

    @classmethod
    def of(cls, made: endpoints.Made) -> WebhookMade:
        shown = {name: getattr(made.endpoint, name) for name in WebhookOut.model_fields}
        return cls(**shown, secret=made.secret)


class WebhooksOut(Body):
    webhooks: list[WebhookOut]


class DeliveryOut(Body):
    """`state` is QUEUED, SENDING, DELIVERED, DROPPED or GIVEN_UP; `messageId` is the `webhook-id` it was sent with."""

    id: UUID
    message_id: str
    type: str
    subject: str
    state: str
    reason: str
    tries: int
    answer_status: int | None
    answer_ms: int | None
    created_at: datetime
    tried_at: datetime | None
    next_try_at: datetime | None

    @classmethod
    def of(cls, row: WebhookDelivery) -> DeliveryOut:
        shown = {name: getattr(row, name) for name in cls.model_fields if name not in ("type", "next_try_at")}
        next_try_at = row.due_at if queries.is_on_its_way(row) else None
        return cls(**shown, type=row.event, next_try_at=next_try_at)


class DeliveriesOut(Body):
    deliveries: list[DeliveryOut]


@router.get("/webhooks", response={200: WebhooksOut, **REFUSALS}, summary="List webhooks")
def list_webhooks(request: Request) -> WebhooksOut:
    """Return the addresses, oldest first."""
    return WebhooksOut(webhooks=[WebhookOut.from_orm(row) for row in queries.endpoints_of(request.auth)])


@router.post("/webhooks", response={201: WebhookMade, **REFUSALS}, summary="Add a webhook")
def create_webhook(request: Request, body: WebhookIn) -> Status[WebhookMade]:
    """Take an address; the answer has its secret, this once. At most five."""
    made = endpoints.create_endpoint(user=request.auth, url=body.url, events=body.events, at=timezone.now())
    return Status(201, WebhookMade.of(made))


@router.get("/webhooks/{webhook_id}", response={200: WebhookOut, **REFUSALS}, summary="One webhook")
def get_webhook(request: Request, webhook_id: UUID) -> WebhookEndpoint:
    """Return the address."""
    return queries.endpoint_of(request.auth, webhook_id)


@router.patch("/webhooks/{webhook_id}", response={200: WebhookOut, **REFUSALS}, summary="Change a webhook")
def change_webhook(request: Request, webhook_id: UUID, body: WebhookChanges) -> WebhookEndpoint:
    """Change what is named. Turned on, a paused one starts anew."""
    return endpoints.change_endpoint(
        user=request.auth, endpoint_id=webhook_id, url=body.url, events=body.events, is_active=body.is_active
    )


@router.delete("/webhooks/{webhook_id}", response={204: None, **REFUSALS}, summary="Delete a webhook")
def delete_webhook(request: Request, webhook_id: UUID) -> Status[None]:
    """Take the address away with its log."""
    endpoints.delete_endpoint(user=request.auth, endpoint_id=webhook_id)
    return Status(204, None)


@router.post("/webhooks/{webhook_id}/secret", response={200: WebhookMade, **REFUSALS}, summary="A new secret")
def rotate_secret(request: Request, webhook_id: UUID) -> WebhookMade:
    """Return a new secret, this once; for a day everything is signed with the old one too."""
    return WebhookMade.of(endpoints.rotate_secret(user=request.auth, endpoint_id=webhook_id, at=timezone.now()))


@router.post("/webhooks/{webhook_id}/test", response={201: DeliveryOut, **REFUSALS}, summary="Send a test")
def test_webhook(request: Request, webhook_id: UUID) -> Status[DeliveryOut]:
    """Send an event of the type webhook.test, once. 409 while the webhook is off."""
    row = endpoints.send_test(user=request.auth, endpoint_id=webhook_id, at=timezone.now())
    return _queued(request, webhook_id, row)


@router.get("/webhooks/{webhook_id}/deliveries", response={200: DeliveriesOut, **REFUSALS}, summary="What was sent")
def list_deliveries(
    request: Request, webhook_id: UUID, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> DeliveriesOut:
    """Return the newest first; the log goes back 30 days."""
    rows = queries.deliveries_of(queries.endpoint_of(request.auth, webhook_id), limit=limit)
    return DeliveriesOut(deliveries=[DeliveryOut.of(row) for row in rows])


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/again",
    response={201: DeliveryOut, **REFUSALS},
    summary="Send again",
)
def send_again(request: Request, webhook_id: UUID, delivery_id: UUID) -> Status[DeliveryOut]:
    """Tell the same thing again under the same `webhook-id`. 409 while it is on its way or the webhook is off."""
    row = endpoints.send_again(user=request.auth, endpoint_id=webhook_id, delivery_id=delivery_id, at=timezone.now())
    return _queued(request, webhook_id, row)


def _queued(request: Request, webhook_id: UUID, row: WebhookDelivery) -> Status[DeliveryOut]:
    """Read again: the database sets when it is due."""
    stored = queries.delivery_of(queries.endpoint_of(request.auth, webhook_id), row.pk)
    return Status(201, DeliveryOut.of(stored))
