"""Every letter as a mail program shows it, in a real browser."""

from __future__ import annotations

import base64
import io
import uuid
from contextlib import contextmanager
from unittest.mock import patch

from PIL import Image
from playwright.sync_api import Browser, Page

from apps.notifications.letters import compose
from apps.notifications.models import Event, Notification
from apps.notifications.stills import Still
from tests.notifications.conftest import FACTS

LOOKS = [(width, theme) for width in (320, 600) for theme in ("light", "dark")]
_LONG = {"title": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and its history"}
LETTERS = {
    **{event.value: (event, facts) for event, facts in FACTS.items()},
    "video_ready-long": (Event.VIDEO_READY, {**FACTS[Event.VIDEO_READY], **_LONG}),
    "welcome-empty": (Event.WELCOME, {"credits": 0}),
    "subscription_renewed-first": (
        Event.SUBSCRIPTION_RENEWED,
        {**FACTS[Event.SUBSCRIPTION_RENEWED], "first": 1, "rolled": 0, "receipt": "https://pay.example.com/1"},
    ),
    "payment_failed-last": (Event.PAYMENT_FAILED, {**FACTS[Event.PAYMENT_FAILED], "next": ""}),
}
"""Facts by the name of the picture."""


def html_of(name: str) -> str:
    """Return the HTML of that letter with its still inside."""
    event, facts = LETTERS[name]
    fact = Notification(user_id=uuid.UUID(int=1), event=event, facts=facts)
    with patch("apps.notifications.letters.small_still", lambda _: _still() if event == Event.VIDEO_READY else None):
        mail = compose(fact, "ada@example.com", is_repeat=False)
    html = str(mail.alternatives[0][0])
    return html.replace("cid:still", f"data:image/jpeg;base64,{base64.b64encode(_still().jpeg).decode()}")


def _still() -> Still:
    drawn = io.BytesIO()
    Image.linear_gradient("L").resize((988, 556)).save(drawn, "JPEG")
    return Still(drawn.getvalue(), 494, 278)


@contextmanager
def opened(browser: Browser, name: str, width: int, theme: str):
    """Show the letter in a window of that width until the block ends."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page: Page = context.new_page()
    try:
        page.set_content(html_of(name), wait_until="load")
        yield page
    finally:
        context.close()
