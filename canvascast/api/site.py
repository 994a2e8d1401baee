"""The HTTP API: everything under `/api/`, described at `/api/docs` and `/api/openapi.json`."""

from __future__ import annotations

from ninja import NinjaAPI

from apps.billing.api import router as credits_router
from apps.drafts.api import router as drafts_router
from apps.notifications.api import router as notifications_router
from apps.notifications.webhooks.api import router as webhooks_router
from apps.pipeline.api import router as videos_router
from apps.pipeline.voice_api import router as voices_router
from canvascast.api import errors
from canvascast.api.auth import ByKey, BySession
from canvascast.api.throttles import Reads, ReadsOfKey, Writes, WritesOfKey

api = NinjaAPI(
    title="CanvasCast",
    version="1",
    description="Videos from a prompt or a script. Sign in with a session or send `Authorization: Bearer cc_…`.",
    urls_namespace="api",
    auth=[ByKey(), BySession()],
    throttle=[ReadsOfKey(), Reads(), WritesOfKey(), Writes()],
)
errors.install(api)
api.add_router("", drafts_router)
api.add_router("v1", videos_router)
api.add_router("v1", voices_router)
api.add_router("v1", credits_router)
api.add_router("v1", notifications_router)
api.add_router("v1", webhooks_router)
