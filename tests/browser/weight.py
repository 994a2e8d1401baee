"""How heavy a page is: what the browser fetched for it, compressed as a server would send it."""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from playwright.sync_api import Response

from tests.browser.state import Arrival
from tests.browser.visit import Visit

_KINDS = {"document": "html", "stylesheet": "css", "script": "js", "font": "fonts"}


@dataclass(frozen=True)
class Weight:
    """Bytes: text compressed, each file by itself; fonts, which are compressed, as they are."""

    html: int
    css: int
    js: int
    fonts: int


# What docs/pages.md promises of every page.
BUDGET = Weight(html=30_000, css=12_000, js=25_000, fonts=112_000)


def weight_of(visit: Visit, arrive: Arrival) -> Weight:
    """Weigh the page that the window comes to, with nothing of it in the browser's cache."""
    arrive(visit)
    forget_cache(visit)
    fetched: list[Response] = []
    visit.page.on("response", lambda response: fetched.append(response))
    visit.page.reload(wait_until="load")
    visit.page.evaluate("document.fonts.ready")
    sizes = dict.fromkeys(_KINDS.values(), 0)
    for response in fetched:
        if kind := _KINDS.get(response.request.resource_type):
            body = response.body()
            sizes[kind] += len(body) if kind == "fonts" else len(gzip.compress(body))
    return Weight(**sizes)


def forget_cache(visit: Visit) -> None:
    """Let the window fetch everything anew from now on."""
    devtools = visit.page.context.new_cdp_session(visit.page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
