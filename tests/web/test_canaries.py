"""What a flow of requests logs holds no secret of the site, of the customer or of a visitor."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from tests.web.conftest import Lines

pytestmark = pytest.mark.django_db(transaction=True)
PROMPT = "canary-prompt about why cats purr at night"
PASSWORD = "canary-password-7Qx"  # pragma: allowlist secret


def test_flow_of_requests_logs_no_secret(client: Client, log_lines: Lines, settings):
    settings.SECRET_KEY = "canary-secret-key-of-the-site"  # pragma: allowlist secret
    user = User.objects.create_user("canary@example.com", PASSWORD)
    _, key = create_key(user=user, name="canary", at=timezone.now())

    saved = client.post("/api/draft", {"promptText": PROMPT}, content_type="application/json")
    token = saved.cookies[settings.DRAFT_COOKIE_NAME].value
    client.get("/api/draft")
    client.get(f"/api/draft?token={token}")
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    for path in ("projects", "no-such-page", f"projects/{key}"):
        client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"})
        client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}x"})

    assert saved.status_code == 200
    assert len(log_lines.events()) >= 10
    secrets = ("canary", token, key, key[3:], "sk_live", settings.SECRET_KEY)
    assert [secret for secret in secrets if secret in log_lines.text] == []
