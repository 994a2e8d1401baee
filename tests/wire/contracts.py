"""Requests held against the vendors' own descriptions, where that folder lies beside the checkout."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from canvascast.env import ROOT
from tests.wire.server import Call

FOLDER = ROOT.parent / "shared" / "contracts"


def violations(vendor: str, calls: list[Call], *, base: str = "") -> list[str]:
    """Return what is wrong with the JSON bodies of `calls`; skips the test where the descriptions are not there.

    `base` is what the vendor's own address has before the paths of its description ("/v1").
    """
    description = description_of(vendor)
    found: list[str] = []
    for call in calls:
        if call.method == "GET" or "json" not in call.headers.get("Content-Type", ""):
            continue
        path = call.path.split("?")[0].removeprefix(base)
        schema = _body_schema(description, path, call.method.lower())
        if schema is None:
            found.append(f"{call.method} {path} is not described")
            continue
        validator = Draft202012Validator({**schema, "components": description["components"]})
        found += [
            f"{call.method} {path}: {error.json_path} {error.message}" for error in validator.iter_errors(call.json)
        ]
    return found


@cache
def description_of(vendor: str) -> dict[str, Any]:  # Any: an OpenAPI document
    path = FOLDER / f"{vendor}.openapi.json"
    if not path.is_file():
        pytest.skip(f"the description of {vendor} is not there ({Path(*path.parts[-3:])})")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _body_schema(description: dict[str, Any], path: str, method: str) -> dict[str, Any] | None:  # Any: as above
    for template, operations in description["paths"].items():
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method in operations:
            content = operations[method].get("requestBody", {}).get("content", {})
            schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
            return schema
    return None
