"""Where storms happen: the small pipeline in place of the product's, on the test database, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.test import override_settings

from canvascast.settings.storage import storages
from tests.wire.resend import KEY, ResendServer
from tests.wire.server import serving
from tests.workers import test_database_url

SETTINGS = "tests.chaos.settings_storm"


@contextmanager
def storm_ground(folder: Path) -> Iterator[dict[str, str]]:
    """Let this process see what services on `folder` see; yields the environment for them."""
    changed = {
        "PIPELINE_STEPS": "tests.chaos.storm_steps.STEPS",
        "VAR_DIR": folder,
        "SCRATCH_DIR": folder / "scratch",
        "STORAGES": {**storages(folder), "staticfiles": settings.STORAGES["staticfiles"]},
    }
    with override_settings(**changed):
        yield {"DJANGO_SETTINGS_MODULE": SETTINGS, "DATABASE_URL": test_database_url()}


@contextmanager
def storm_post() -> Iterator[tuple[ResendServer, dict[str, str]]]:
    """Take the mails of services as Resend does; yields the server and the environment for them."""
    server = ResendServer()
    with serving(server):
        yield server, {"STORM_RESEND_KEY": KEY, "STORM_RESEND_URL": f"{server.url}/"}
