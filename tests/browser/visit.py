"""A window on the site, with all that goes wrong in it written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from apps.accounts.models import User

HEIGHT = {320: 640, 1280: 800}
# For machines that do much beside it; what is waited for is there at once as a rule.
PATIENCE_MILLISECONDS = 20_000
expect.set_options(timeout=PATIENCE_MILLISECONDS)
# A service worker that the window shall not have. And a question about the price that the next one took the place of,
# which htmx writes down as an error; one that failed is written down as another besides.
_NO_FAULTS = ("Service Worker registration blocked by Playwright", "htmx:sendAbort", "htmx:afterRequest")
# Pages know no other way to tell than the console; this one can be read in a sentence.
_POLICY = """document.addEventListener("securitypolicyviolation",
  (event) => console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`))"""


@dataclass
class Visit:
    """A page of a browser of its own. `complaints` is what its console and its scripts had to say."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page.add_init_script(_POLICY)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def go(self, path: str) -> int:
        """Open the page and return its status."""
        answer = self.page.goto(self.site + path)
        assert answer is not None
        return answer.status

    def path(self) -> str:
        return urlsplit(self.page.url).path

    def sign_in(self, user: User) -> None:
        """Give the browser a session of that user's, as if they had logged in."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.site}])

    def session(self) -> str:
        """The key of the browser's session, empty when it has none."""
        cookies = self.page.context.cookies(self.site)
        return next((cookie["value"] for cookie in cookies if cookie["name"] == settings.SESSION_COOKIE_NAME), "")

    def _note(self, message: ConsoleMessage) -> None:
        """Chromium calls a page that answers 404 an error of the page; whether it should is the test's to say."""
        is_of_page = message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url
        if message.type in ("error", "warning") and not is_of_page and not message.text.startswith(_NO_FAULTS):
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")


class Visitors:
    def __init__(self, browser: Browser, site: str) -> None:
        self._browser, self._site = browser, site
        self._visits: list[Visit] = []

    def open(self, *, width: int = 1280, theme: str = "light", site: str = "", **options: Any) -> Visit:
        """Open a window of that width on the site, or on the one at another address."""
        context = self._browser.new_context(
            viewport={"width": width, "height": HEIGHT[width]},
            color_scheme=theme,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
            **{"service_workers": "block", **options},
        )
        visit = Visit(context.new_page(), site or self._site)
        self._visits.append(visit)
        return visit

    def close(self) -> None:
        for visit in self._visits:
            visit.page.context.close()
