"""Which events are mailed, and how a fact becomes a mail: three small templates in `templates/emails/<event>/`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.mime.image import MIMEImage
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from apps.notifications.models import Event, Notification
from apps.notifications.stills import small_still
from canvascast.plain_text import one_line

_STILL_ID = "still"
Facts = Mapping[str, Any]  # Any: text and numbers, as `actions.record` takes them


@dataclass(frozen=True)
class Letter:
    """How one event is mailed. `switch` is the field of Preferences that turns it off."""

    switch: str
    words: Callable[[Facts], dict[str, Any]]  # Any: what the templates show


def _video_ready(facts: Facts) -> dict[str, Any]:  # Any: as above
    return {
        **_video(facts),
        "length": length_in_words(facts["seconds"]),
        "used": facts["credits"],
        "back": max(0, facts.get("held", 0) - facts["credits"]),
    }


def _video_failed(facts: Facts) -> dict[str, Any]:  # Any: as above
    return {**_video(facts), "sentence": facts["sentence"], "back": facts["creditsBack"]}


def _video(facts: Facts) -> dict[str, Any]:  # Any: as above
    return {"title": one_line(facts["title"]), "url": address("pipeline:video", facts["projectId"])}


LETTERS: Mapping[Event, Letter] = {
    Event.VIDEO_READY: Letter("video_ready", _video_ready),
    Event.VIDEO_FAILED: Letter("video_failed", _video_failed),
}


def compose(notification: Notification, to: str, *, is_repeat: bool) -> EmailMultiAlternatives:
    """Return the mail about a fact: text, its HTML twin and, where the fact has one, a still picture."""
    folder = f"emails/{notification.event}"
    words = LETTERS[Event(notification.event)].words(notification.facts)
    still = small_still(notification.facts.get("still", ""))
    words |= {"preferences_url": address("notifications:preferences"), "still": still, "still_id": _STILL_ID}
    mail = EmailMultiAlternatives(
        subject=one_line(render_to_string(f"{folder}/subject.txt", words)),
        body=render_to_string(f"{folder}/body.txt", words),
        to=[to],
        reply_to=[settings.MAIL_REPLY_TO] if settings.MAIL_REPLY_TO else None,
        headers=_headers(notification.pk, is_repeat=is_repeat),
    )
    mail.attach_alternative(render_to_string(f"{folder}/body.html", words), "text/html")
    if still:
        mail.mixed_subtype = "related"  # type: ignore[attr-defined]  # Django's, unknown to its stubs
        mail.attach(_inline(still.jpeg))
    return mail


def address(name: str, *arguments: object) -> str:
    """Return the full address of a page of the site."""
    return urljoin(settings.SITE_URL, reverse(name, args=arguments))


def length_in_words(seconds: int) -> str:
    """Return a length as the pages say it: 45 s, 2 min, 1 min 30 s."""
    minutes, rest = divmod(seconds, 60)
    return " ".join([f"{minutes} min"] * bool(minutes) + [f"{rest} s"] * bool(rest or not minutes))


def _headers(notification_id: uuid.UUID, *, is_repeat: bool) -> dict[str, str]:
    """The id is the same at every try, so that a mailbox or a person can tell a repeat from a second fact."""
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Entity-Ref-ID": str(notification_id),
        "Message-ID": f"<{notification_id}@{urlsplit(settings.SITE_URL).hostname}>",
    }
    return {**headers, "X-CanvasCast-Repeat": "maybe"} if is_repeat else headers


def _inline(picture: bytes) -> MIMEImage:
    part = MIMEImage(picture, "jpeg")
    part.add_header("Content-ID", f"<{_STILL_ID}>")
    part.add_header("Content-Disposition", "inline", filename="still.jpg")
    return part
