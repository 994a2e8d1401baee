"""What every answer tells the browser to refuse."""

from __future__ import annotations

import re
import runpy

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from apps.accounts.models import User
from canvascast.env import ROOT
from canvascast.middleware import SitePolicy
from canvascast.settings import payments

pytestmark = pytest.mark.django_db


def directives(answer) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def test_pages_run_only_own_scripts_and_are_never_framed(client: Client):
    policy = directives(client.get("/nowhere"))

    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert [value for values in policy.values() for value in values if "unsafe" in value or value == "*"] == []


def test_admin_alone_has_the_looser_policy(client: Client):
    loose = directives(client.get("/admin/login/"))

    assert "'unsafe-inline'" in loose["script-src"]
    assert loose["frame-ancestors"] == ["'none'"]


def test_nonce_that_a_page_uses_is_allowed():
    request = RequestFactory().get("/")

    answer = SitePolicy(lambda request: HttpResponse(str(request.csp_nonce)))(request)

    assert f"'nonce-{answer.content.decode()}'" in directives(answer)["script-src"]


def test_templates_have_no_inline_style_or_script():
    inline = re.compile(
        r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)", re.IGNORECASE
    )
    # Mail programs take no other styles than a mail's own; staff pages have a policy of theirs.
    other = {"admin", "emails"}
    pages = [path for path in (ROOT / "templates").rglob("*.html") if not other & set(path.parts)]

    assert [path.name for path in pages if inline.search(path.read_text())] == []


def test_signed_in_pages_are_not_kept(client: Client):
    client.force_login(User.objects.create_user("owner@example.com"))

    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_answers_to_programs_are_not_kept(client: Client):
    answer = client.get("/api/v1/projects", headers={"Authorization": "Bearer cc_unknown"})

    assert answer.headers["Cache-Control"] == "no-store"


def test_visitors_pages_may_be_kept(client: Client):
    assert "Cache-Control" not in client.get("/terms").headers


def test_answers_name_what_the_page_may_not_use(client: Client):
    answer = client.get("/nowhere")

    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/nowhere", "/api/draft"])
def test_body_over_the_limit_is_refused_unread(client: Client, path: str):
    answer = client.post(path, data=b"x" * 1_000_001, content_type="application/json")

    assert answer.status_code == 413
    assert b"at most 1 MB" in answer.content


@override_settings(UPLOAD_MAX_BYTES={"/api/v1/voice-profiles": 2_000_000, "/app/settings/profile": 1_200_000})
@pytest.mark.parametrize(
    ("path", "limit"), [("/api/v1/voice-profiles", 2_000_000), ("/app/settings/profile", 1_200_000)]
)
def test_upload_paths_take_as_much_as_their_files_need(client: Client, path: str, limit: int):
    answers = [client.post(path, data=b"x" * size, content_type="audio/wav").status_code for size in (limit, limit + 1)]

    assert answers[0] != 413
    assert answers[1] == 413


def test_key_in_stripes_address_is_in_no_policy(monkeypatch):
    address = "https://gateway:canary@stripe.example:8443"  # pragma: allowlist secret
    monkeypatch.setenv("STRIPE_API_HOST", address)

    read = runpy.run_path(payments.__file__)

    assert read["STRIPE_PAGES"] == ["https://stripe.example:8443"]
    assert "canary" in read["STRIPE_API_HOST"]
