"""A real Chromium, whichever the machine has."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = "There is no Chromium here. Install it: apt-get install chromium"


def chromium_path() -> str:
    """Return the path of a Chromium: the system's, else the one that playwright installed; empty when there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), "")
    if found:
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else ""


@contextlib.contextmanager
def running_chromium(path: str) -> Iterator[Browser]:
    """Run it, headless, until the block ends.

    Playwright keeps an event loop in this thread, for which Django would refuse every query made beside it.
    """
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = _launched(playwright, path)
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def _launched(playwright: Playwright, path: str) -> Browser:
    # Chromium's sandbox does not start as root, which containers run as.
    return playwright.chromium.launch(executable_path=path, chromium_sandbox=os.geteuid() != 0)
