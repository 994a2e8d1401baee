"""The voices of an ElevenLabs account: read when asked for, kept for half an hour, longer while nobody answers."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from apps.pipeline.providers.errors import PipelineError
from apps.pipeline.providers.speaker.base import Voice
from apps.pipeline.providers.speaker.languages import language_of
from apps.pipeline.providers.vendors.account import Account, Timeouts
from apps.pipeline.providers.vendors.elevenlabs import ONE_TRY, ElevenLabsService, elevenlabs_answers

if TYPE_CHECKING:
    from elevenlabs.types import Voice as VendorVoice

KEPT_SECONDS = 1_800.0
AGAIN_SECONDS = 60.0
"""After a list could not be read; until then nobody waits for the vendor."""
_PAGE_SIZE, _MOST_PAGES = 100, 5
_LONGEST_NAME = 60
# Somebody waits for a page.
_QUICK = Timeouts(connect=3.0, read=5.0, total=8.0)
# A cloned voice belongs to the user whose recordings it was made from, and is offered to nobody else.
_OFFERED = frozenset({"premade", "professional", "generated", "high_quality"})
_GENDERS = {"male": "man", "female": "woman"}


class ElevenLabsVoices(ElevenLabsService):
    """One list for this process, whoever asks."""

    def __init__(self, account: Account) -> None:
        most = account.timeouts
        quick = Timeouts(*(min(pair) for pair in zip(_of(most), _of(_QUICK), strict=True)))
        super().__init__(replace(account, timeouts=quick))
        self._lock = threading.Lock()
        self._voices: tuple[Voice, ...] | None = None
        self._trouble: PipelineError | None = None
        self._ask_at = 0.0

    def current(self) -> tuple[Voice, ...]:
        """Return the list; an old one while the vendor does not answer. Raises PipelineError when there is none yet."""
        knows_something = self._voices is not None or self._trouble is not None
        if time.monotonic() >= self._ask_at and self._lock.acquire(blocking=not knows_something):
            # One asks; the others go on with what is known, or wait where nothing is.
            try:
                self._read_again()
            finally:
                self._lock.release()
        if self._voices is None:
            assert self._trouble is not None
            raise self._trouble.with_traceback(None)
        return self._voices

    def _read_again(self) -> None:
        if time.monotonic() < self._ask_at:
            return
        try:
            with elevenlabs_answers():
                self._voices = tuple(offered for found in self._pages() for offered in self._spoken_by(found))
            self._ask_at = time.monotonic() + KEPT_SECONDS
        except PipelineError as error:
            self._trouble = error
            self._ask_at = time.monotonic() + AGAIN_SECONDS

    def _pages(self) -> Iterator[VendorVoice]:
        token = None
        for _ in range(_MOST_PAGES):
            page = self.client.voices.search(
                page_size=_PAGE_SIZE, next_page_token=token, include_total_count=False, request_options=ONE_TRY
            )
            yield from page.voices
            token = page.next_page_token
            if not page.has_more or not token:
                return

    def _spoken_by(self, found: VendorVoice) -> list[Voice]:
        """Return the voice once for each language in which it is known to sound right, its first language first."""
        if found.category not in _OFFERED or not re.fullmatch(r"[A-Za-z0-9]{1,64}", found.voice_id):
            return []
        labels = {str(key): str(value) for key, value in (found.labels or {}).items()}
        model = self.account.model("speech")
        verified = [each.language for each in found.verified_languages or () if each.model_id == model]
        known = dict.fromkeys(filter(None, map(language_of, [labels.get("language", "en"), *verified])))
        return [Voice(found.voice_id, _name(found, labels), each.tag, each.script) for each in known]


def _name(found: VendorVoice, labels: dict[str, str]) -> str:
    """Return "Rachel, woman, American": the vendor's texts as one line of visible characters."""
    gender = _GENDERS.get(labels.get("gender", ""), "")
    parts = [_line(text) for text in (found.name or found.voice_id, gender, labels.get("accent", "").capitalize())]
    return ", ".join(part for part in parts if part)[:_LONGEST_NAME]


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _of(timeouts: Timeouts) -> tuple[float, float, float]:
    return timeouts.connect, timeouts.read, timeouts.total
