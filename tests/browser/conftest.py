"""A browser and a served site with a committed database, both shared by all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from tests.browser import chromium
from tests.browser.visit import Visit, Visitors

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A page that hangs must not hold the rest for long; and pytest-django makes a database for marked tests only."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.timeout(120))
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def _django_db_helper() -> None:
    """Instead of pytest-django's: the database is not emptied after each test, `site` does so after the last."""


@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    path = chromium.chromium_path()
    if not path:
        pytest.skip(chromium.INSTALL)
    # Under playwright's event loop Django opens others and would not find these again to close them.
    connections.close_all()
    with chromium.running_chromium(path) as running:
        yield running


@pytest.fixture(scope="package")
def site(browser: Browser, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of the site. Whatever tests write stays until the last of this folder: each makes rows of its own."""
    with django_db_blocker.unblock(), override_settings(ROOT_URLCONF="tests.browser.urls"):
        server = LiveServer("127.0.0.1")
        try:
            yield server.url
        finally:
            server.stop()
            cache.clear()
            call_command("flush", verbosity=0, interactive=False)
            connections.close_all()


@pytest.fixture
def visitors(browser: Browser, site: str) -> Iterator[Visitors]:
    """Opens windows on the site, each a browser of its own, and closes them."""
    opened = Visitors(browser, site)
    cache.clear()
    yield opened
    opened.close()


@pytest.fixture
def visit(visitors: Visitors) -> Visit:
    """One window, at 1280 pixels, of somebody who is not signed in."""
    return visitors.open()
