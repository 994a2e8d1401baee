"""What a stranger does there: leave a text on the home page, go on to sign up, and come in by a mailed code."""

from __future__ import annotations

import html
import random
import re
import time
import uuid
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.accounts.kept_mail import mails_in
from apps.accounts.models import User
from apps.drafts.actions import forget_draft
from canvascast.mail import kept_mail_folder, mail_goes_to
from canvascast.operations.erasure import erase_user
from canvascast.operations.smoke.site import Site, SmokeFailed

_STYLESHEET = re.compile(r'<link[^>]+href="([^"]+\.css)"')
_FORM = re.compile(r"<form[^>]+method=\"post\"", re.IGNORECASE)
_PROOF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_SIGN_UP, _CONFIRM, _CREATE = "/accounts/signup/", "/accounts/confirm-email/", "/app/new"
# A domain that no mail reaches (RFC 2606), should one leave after all.
_DOMAIN = "@smoke.invalid"
_MAIL_SECONDS, _PAUSE_SECONDS = 10.0, 0.2
_LEFT_OVER_AFTER = timedelta(hours=1)


class NotTriedHere(Exception):
    """It cannot be tried from this machine; the message says why."""


class Stranger:
    """A browser with its cookies. Acts follow one another as they stand here; each raises SmokeFailed.

    It leaves a text and an account on the site until `tidy`, which takes both away.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._browser = requests.Session()
        self._words = f"Why do lighthouses blink? This is check number {random.randint(10_000, 99_999)}."
        self._address = f"{uuid.uuid4().hex[:12]}{_DOMAIN}"
        self._page = ""
        """The page that is open, with the proof that its form needs."""

    def look_at_home(self) -> None:
        """Open the home page with its looks."""
        self._page = self._site.expect(self._browser.get, "/").text
        sheets = _STYLESHEET.findall(self._page)
        if not sheets or not _FORM.search(self._page):
            raise SmokeFailed("the page has no stylesheet or no form")
        for sheet in sheets:
            self._site.expect(self._browser.get, sheet)

    def leave_text(self) -> None:
        """Send the form of the home page, which keeps the text and leads to the page to sign up."""
        text = {"way": "describe", "prompt": self._words, "niche": "facts", "minutes": "0.5", "shape": "1:1"}
        self._send("/", text, leads_to=_SIGN_UP)
        kept = self._site.expect(self._browser.get, "/api/draft").json()["promptText"]
        if kept != self._words:
            raise SmokeFailed("another text came back than was left")

    def see_text_beside_sign_up(self) -> None:
        """See on the page to sign up that the text is kept."""
        self._require_words("the page to sign up")

    def sign_up(self) -> None:
        """Come in with the code that was mailed, and find the text. Raises NotTriedHere where it cannot be read."""
        folder = kept_mail_folder()
        if folder is None:
            raise NotTriedHere(f"mail goes to {mail_goes_to()}")
        self._send(_SIGN_UP, {"email": self._address}, leads_to=_CONFIRM)
        self._send(_CONFIRM, {"code": self._code_in(folder)}, leads_to=_CREATE)
        self._require_words("the page to order a video")

    def tidy(self) -> None:
        """Take away the text and the account, and accounts of visits that were killed."""
        forget_draft(token=self._browser.cookies.get(settings.DRAFT_COOKIE_NAME) or "")
        left_over = Q(email__endswith=_DOMAIN, created_at__lt=timezone.now() - _LEFT_OVER_AFTER)
        for user in User.objects.filter(Q(email=self._address) | left_over):
            erase_user(user=user, at=timezone.now())

    def _send(self, path: str, fields: dict[str, str], *, leads_to: str) -> None:
        """Send a form of the open page as a browser does, and open the page that it leads to."""
        proof = _PROOF.search(self._page)
        if proof is None:
            raise SmokeFailed("the page has no form that can be sent")
        answer = self._site.expect(
            self._browser.post,
            path,
            status=HTTPStatus.OK,
            data={**fields, "csrfmiddlewaretoken": proof[1]},
            headers={"Referer": self._site.url(path)},
        )
        led_to = urlsplit(answer.url).path
        if led_to != leads_to:
            raise SmokeFailed(f"the form of {path} leads to {led_to} instead of {leads_to}")
        self._page = answer.text

    def _require_words(self, where: str) -> None:
        if self._words not in html.unescape(self._page):
            raise SmokeFailed(f"{where} does not show the text")

    def _code_in(self, folder: Path) -> str:
        until = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < until:
            for mail in mails_in(folder):
                if mail.code and mail.recipients == self._address:
                    return mail.code
            time.sleep(_PAUSE_SECONDS)
        raise SmokeFailed(f"no code came into {folder} in {_MAIL_SECONDS:g} s")
