"""What is sent about a fact: its payload with the addresses that lead on, byte for byte the same at every try."""

from __future__ import annotations

import json
from typing import Any

from apps.notifications.models import WebhookDelivery, WebhookEvent
from apps.notifications.wording import address

# Where to look further: the page, the status, and for what is ready its files.
_LINKS = {"url": ("pipeline:video", "projectId"), "statusUrl": ("api:get_status", "jobId")}
_FILES = {"assetsUrl": ("api:get_assets", "jobId")}


def body_of(delivery: WebhookDelivery) -> str:
    """Return the body as it goes out.

    The addresses are added here and not where the fact is noted: to know them all pages have to be loaded, which is
    nothing for the transaction that ends a video.
    """
    payload = {**delivery.payload, "data": {**delivery.payload["data"], **_links(delivery)}}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def _links(delivery: WebhookDelivery) -> dict[str, Any]:  # Any: JSON
    if delivery.event == WebhookEvent.TEST:
        return {}
    data = delivery.payload["data"]
    links = _LINKS | (_FILES if delivery.event == WebhookEvent.JOB_READY else {})
    return {name: address(page, data[subject]) for name, (page, subject) in links.items()}
