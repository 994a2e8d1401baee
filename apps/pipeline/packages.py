"""What a finished video's package says about itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.files.storage import storages

from apps.pipeline.models import Asset


def manifest_of(assets: Iterable[Asset]) -> dict[str, Any] | None:  # Any: manifest.json
    """Return the manifest among `assets`, None when there is none or its file is gone."""
    found = next((asset for asset in assets if asset.filename == "manifest.json"), None)
    if found is None:
        return None
    try:
        with storages["generated-assets"].open(found.storage_name) as file:
            manifest: dict[str, Any] = json.load(file)
    except FileNotFoundError:
        return None
    return manifest
