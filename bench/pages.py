"""`python -m bench.pages`: what the main pages weigh, how many queries they take, when the home page is painted.

The site is served from this process, without compression; sizes are compressed here, file by file. The largest paint
of the home page is the median over windows that have nothing in their cache.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from canvascast.embedded.postgres import embedded_database
from canvascast.env import ROOT

if TYPE_CHECKING:
    from tests.browser.visit import Visit, Visitors

PAGES = ("home", "examples", "pricing", "gate", "create", "videos-full", "making", "ready", "credits-full", "settings")
QUERIES_MAX = 12
PAINT_SECONDS_MAX = 1.5
_LARGEST_PAINT = """() => new Promise((found) =>
  new PerformanceObserver((list) => found(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true }))"""


def main() -> int:
    """Print a line for each page; 1 when something is over its budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="windows that open the home page")
    runs = parser.parse_args().runs
    with _site() as visitors:
        heavy = [name for name in PAGES if not _report(name, visitors)]
        seconds = median(_largest_paint(visitors) for _ in range(runs))
    _print_line("budget below", **_budget())
    print(f"home, largest paint: {seconds:.2f} s, median of {runs} (budget {PAINT_SECONDS_MAX} s)")
    return 1 if heavy or seconds > PAINT_SECONDS_MAX else 0


@contextlib.contextmanager
def _site() -> Iterator[Visitors]:
    """Serve the site with a database of its own; yield what opens windows on it."""
    from tests.workplace import opened_workplace

    with embedded_database(ROOT / "var" / "test-postgres") as url, tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = url
        with opened_workplace(Path(folder)) as place:
            os.environ |= place.environment | {"DJANGO_SETTINGS_MODULE": "canvascast.settings.test"}
            os.environ["LOG_LEVEL"] = "ERROR"
            with _served() as visitors:
                yield visitors


@contextlib.contextmanager
def _served() -> Iterator[Visitors]:
    # Imported late: the settings read the environment when they are loaded.
    import django

    django.setup()
    from pytest_django.live_server_helper import LiveServer

    from tests.browser import chromium
    from tests.browser.visit import Visitors

    with chromium.running_chromium(chromium.chromium_path() or sys.exit(chromium.INSTALL)) as browser:
        server = LiveServer("127.0.0.1")
        visitors = Visitors(browser, server.url)
        yield visitors
        visitors.close()
        server.stop()


def _report(name: str, visitors: Visitors) -> bool:
    """Print what the page takes; tell whether that is within its budget."""
    from tests.browser.states import STATES
    from tests.browser.weight import weight_of

    visit = visitors.open()
    taken = asdict(weight_of(visit, STATES[name].arrive)) | {"queries": _queries(visit)}
    _print_line(name, **taken)
    return all(amount <= _budget()[what] for what, amount in taken.items())


def _budget() -> dict[str, int]:
    from tests.browser.weight import BUDGET

    return asdict(BUDGET) | {"queries": QUERIES_MAX}


def _print_line(name: str, **amounts: int) -> None:
    print(f"{name:<14}", *(f"{what} {amount:>7,}" for what, amount in amounts.items()), sep="  ")


def _queries(visit: Visit) -> int:
    """Count what the page that the window shows asks of the database when it is opened again."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client, address = Client(), urlsplit(visit.page.url)
    for cookie in visit.page.context.cookies(visit.site):
        client.cookies[cookie["name"]] = cookie["value"]
    with CaptureQueriesContext(connection) as asked:
        client.get(f"{address.path}?{address.query}", headers={"host": address.netloc})
    return len(asked)


def _largest_paint(visitors: Visitors) -> float:
    visit = visitors.open()
    visit.go("/")
    return float(visit.page.evaluate(_LARGEST_PAINT)) / 1000


if __name__ == "__main__":
    sys.exit(main())
