"""What a flow of requests logs holds no secret of the site, of the customer or of a visitor."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.pipeline.models import Project, ShareLink
from tests.web.conftest import Lines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("S14")]
TRACE = "0b5c9a52-6f6b-4a3c-9a0e-4b8b6c2d7e11"
PROMPT = "canary-prompt about why cats purr at night"
PASSWORD = "canary-password-7Qx"  # pragma: allowlist secret


def test_flow_of_requests_logs_no_secret(client: Client, log_lines: Lines, settings):
    settings.SECRET_KEY = "canary-secret-key-of-the-site"  # pragma: allowlist secret
    user = User.objects.create_user("canary@example.com", PASSWORD)
    _, key = create_key(user=user, name="canary", at=timezone.now())

    ledger.grant(user_id=user.pk, credits=5, source=Source.GIFT, reason="gift", key="test", at=timezone.now())

    saved = client.post("/api/draft", {"promptText": PROMPT}, content_type="application/json")
    token = saved.cookies[settings.DRAFT_COOKIE_NAME].value
    client.get("/api/draft")
    client.get(f"/api/draft?token={token}")
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    order = {"promptText": PROMPT, "nichePreset": "science", "targetMinutes": 1, "transcriptMode": "auto"}
    ways_in = {"Authorization": f"Bearer {key}", "X-Trace-Id": TRACE}
    started = client.post("/api/v1/projects", order, content_type="application/json", headers=ways_in)
    for path in ("projects", "no-such-page", f"projects/{key}"):
        client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"})
        client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}x"})

    link = ShareLink.objects.create(project=Project.objects.get(), user=user, token="canary-of-a-link-24-random-bytes")
    for path in (f"v/{link.token}", f"v/{link.token}/film.mp4", f"embed/{link.token}", f"oembed?url=/v/{link.token}"):
        client.get(f"/{path}")

    assert (saved.status_code, started.status_code) == (200, 201)
    created = log_lines.event("created")
    assert (created["traceId"], created["requestTraceId"]) == (started.json()["jobId"], TRACE)
    assert created["userId"] == str(user.pk)
    assert len(log_lines.events()) >= 10
    secrets = ("canary", token, key, key[3:], "sk_live", settings.SECRET_KEY)
    assert [secret for secret in secrets if secret in log_lines.text] == []
