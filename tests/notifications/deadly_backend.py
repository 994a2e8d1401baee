"""Hands mail to the test's mail server, and kills its own process once: before or after the server took the mail."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp


class EmailBackend(smtp.EmailBackend):
    def open(self) -> bool | None:
        _die_once("claimed")
        return super().open()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = super().send_messages(email_messages)
        _die_once("sent")
        return sent or 0


def _die_once(moment: str) -> None:
    mark = Path(settings.VAR_DIR) / f"died-{moment}"
    if moment == settings.DEATH_MOMENT and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
