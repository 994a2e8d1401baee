"""Which events are mailed, and how a fact becomes a mail: three small templates in `templates/emails/<event>/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.mime.image import MIMEImage
from email.utils import parseaddr
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from apps.notifications import wording
from apps.notifications.models import Event, Notification
from apps.notifications.stills import small_still
from apps.notifications.switches import SWITCHES
from apps.notifications.unsubscribing import switch_token
from apps.notifications.wording import Facts, Words, address
from canvascast.plain_text import one_line

_STILL_ID = "still"


@dataclass(frozen=True)
class Letter:
    """How one event is mailed. `switch` is the key of SWITCHES that turns it off; without one it is owed."""

    words: Callable[[Facts], Words]
    switch: str = ""
    is_told: Callable[[Facts], bool] = lambda facts: True


LETTERS: Mapping[Event, Letter] = {
    Event.WELCOME: Letter(wording.welcome),
    Event.VIDEO_READY: Letter(wording.video_ready, "video_ready"),
    Event.VIDEO_FAILED: Letter(wording.video_failed, "video_failed"),
    # One drop to nothing is both; the other letter tells it.
    Event.LOW_CREDITS: Letter(wording.low_credits, "low_credits", lambda facts: facts.get("available") != 0),
    Event.CREDITS_DEPLETED: Letter(wording.credits_depleted, "credits_depleted"),
    Event.PURCHASE_RECEIPT: Letter(wording.purchase_receipt),
    Event.SUBSCRIPTION_RENEWED: Letter(wording.subscription_renewed),
    Event.SUBSCRIPTION_EXPIRING: Letter(wording.subscription_expiring, "subscription_expiring"),
    Event.PAYMENT_FAILED: Letter(wording.payment_failed),
    Event.ASSETS_EXPIRING: Letter(wording.assets_expiring, "assets_expiring"),
    Event.WEBHOOK_PAUSED: Letter(wording.webhook_paused, "webhook_paused"),
}


def compose(notification: Notification, to: str, *, is_repeat: bool) -> EmailMultiAlternatives:
    """Return the mail about a fact: text, its HTML twin and, where the fact has one, a still picture."""
    folder = f"emails/{notification.event}"
    letter = LETTERS[Event(notification.event)]
    still = small_still(notification.facts.get("still", ""))
    off_url = _off_url(notification, letter)
    words = letter.words(notification.facts) | _foot(letter, off_url) | {"still": still, "still_id": _STILL_ID}
    mail = EmailMultiAlternatives(
        subject=one_line(render_to_string(f"{folder}/subject.txt", words)),
        body=render_to_string(f"{folder}/body.txt", words),
        to=[to],
        reply_to=[settings.MAIL_REPLY_TO] if settings.MAIL_REPLY_TO else None,
        headers=_headers(notification, is_repeat=is_repeat) | _off_headers(off_url),
    )
    # Mail services give it back with what they tell about the mail.
    mail.metadata = {"notification": str(notification.pk)}  # type: ignore[attr-defined]  # anymail's
    mail.attach_alternative(render_to_string(f"{folder}/body.html", words), "text/html")
    if still:
        mail.mixed_subtype = "related"  # type: ignore[attr-defined]  # Django's, unknown to its stubs
        mail.attach(_inline(still.jpeg))
    return mail


def _off_url(notification: Notification, letter: Letter) -> str:
    if not letter.switch:
        return ""
    return address("notifications:turn_off", switch_token(notification.user_id, letter.switch))


def _foot(letter: Letter, off_url: str) -> Words:
    label = SWITCHES[letter.switch].label if letter.switch else ""
    return {"switch_label": label, "off_url": off_url, "preferences_url": address("notifications:preferences")}


def _headers(notification: Notification, *, is_repeat: bool) -> dict[str, str]:
    """The id is the same at every try, so that a mailbox or a person can tell a repeat from a second fact."""
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Entity-Ref-ID": str(notification.pk),
        "Message-ID": f"<{notification.pk}@{urlsplit(settings.SITE_URL).hostname}>",
    }
    return {**headers, "X-CanvasCast-Repeat": "maybe"} if is_repeat else headers


def _off_headers(off_url: str) -> dict[str, str]:
    """RFC 8058: a mail program turns it off with one click, by a POST of its own."""
    if not off_url:
        return {}
    ways = [f"<{off_url}>"]
    if settings.MAIL_REPLY_TO:
        ways.append(f"<mailto:{quote(parseaddr(settings.MAIL_REPLY_TO)[1], safe='@+')}?subject=unsubscribe>")
    return {"List-Unsubscribe": ", ".join(ways), "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _inline(picture: bytes) -> MIMEImage:
    part = MIMEImage(picture, "jpeg")
    part.add_header("Content-ID", f"<{_STILL_ID}>")
    part.add_header("Content-Disposition", "inline", filename="still.jpg")
    return part
