"""The published description, and the page that shows it."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders

METHODS_OF = {
    "/api/draft": {"get", "post"},
    "/api/v1/projects": {"get", "post"},
    "/api/v1/projects/{project_id}": {"get", "delete"},
    "/api/v1/projects/{project_id}/share": {"get", "post", "delete"},
    "/api/v1/jobs/{job_id}/status": {"get"},
    "/api/v1/jobs/{job_id}/assets": {"get"},
    "/api/v1/jobs/{job_id}/cancel": {"post"},
    "/api/v1/jobs/{job_id}/retry": {"post"},
    "/api/v1/assets/{asset_id}/download": {"post"},
    "/api/v1/credits/balance": {"get"},
    "/api/v1/credits/history": {"get"},
    "/api/v1/voice-profiles": {"get", "post"},
    "/api/v1/voice-profiles/{profile_id}": {"delete"},
    "/api/v1/notifications/preferences": {"get", "patch"},
}


@pytest.fixture
def described(client) -> dict:
    return client.get("/api/openapi.json").json()


def test_description_has_every_path_and_method(described):
    found = {path: set(operations) for path, operations in described["paths"].items()}

    assert {path: found.get(path) for path in METHODS_OF} == METHODS_OF


def test_description_names_both_ways_in(described):
    schemes = described["components"]["securitySchemes"]

    assert {(scheme["type"], scheme.get("scheme") or scheme.get("in")) for scheme in schemes.values()} == {
        ("http", "bearer"),
        ("apiKey", "cookie"),
    }


def test_every_answer_may_be_that_something_does_not_answer(described):
    operations = [
        (path, method, operation["responses"])
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]

    assert [(path, method) for path, method, responses in operations if "503" not in responses] == []


def test_described_keys_are_in_camel_case(described):
    schemas = described["components"]["schemas"]
    keys = {key for schema in schemas.values() for key in schema.get("properties", {})}

    # The product's own document spells this one key so.
    assert {key for key in keys if "_" in key} == {"checkout_url"}


def test_page_loads_its_own_files_alone(client):
    page = client.get("/api/docs")

    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert page.status_code == 200
    assert loaded
    assert [address for address in loaded if not finders.find(address.removeprefix("/static/"))] == []
    assert "https://" not in page.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
