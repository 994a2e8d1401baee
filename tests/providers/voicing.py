"""What the tests of speakers share: words, accounts on loopback, and what must happen for each fault of a vendor."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from apps.pipeline.contracts import Token
from apps.pipeline.providers.errors import PipelineError, RateLimited, Transient
from apps.pipeline.providers.speaker.base import SpeechRequest
from apps.pipeline.providers.vendors.account import Account, Timeouts
from tests.wire import server as wire

QUICK = Timeouts(connect=1, read=0.5, total=1)
WORDS = "Cats purr when they rest. Nobody knows quite why."
LATER = "Sun, 29 Nov 2099 10:00:00 GMT"
# Each ends as the table says: transient ones are tried again, the others wait for an operator.
FAULTS = {
    "429 with Retry-After": (wire.status(429, Retry_After="30"), RateLimited, "rate_limited"),
    "429 with a date": (wire.status(429, Retry_After=LATER), RateLimited, "rate_limited"),
    "429": (wire.status(429), Transient, "rate_limited"),
    "429 purse": (wire.status(429, "insufficient_quota"), PipelineError, "vendor_purse_empty"),
    "401": (wire.status(401, "invalid_api_key"), PipelineError, "vendor_refuses_key"),
    "401 purse": (wire.status(401, "quota_exceeded"), PipelineError, "vendor_purse_empty"),
    "400": (wire.status(400, "bad"), PipelineError, "vendor_refuses_request"),
    "500": (wire.status(500), Transient, "vendor_trouble"),
    "silence": (wire.SILENCE, Transient, "vendor_unreachable"),
    "reset": (wire.RESET, Transient, "vendor_unreachable"),
    "drip": (wire.DRIP, Transient, "vendor_unreachable"),
    "redirect": (
        wire.answer(b"", code=302, Location="http://127.0.0.1:9/latest/meta-data"),
        PipelineError,
        "vendor_redirects",
    ),
    "oversized": (wire.answer(bytes(49 * 1024 * 1024)), Transient, "vendor_bad_answer"),
}


def tokens_of(text: str) -> tuple[Token, ...]:
    words = text.split()
    return tuple(Token(word, word, " " if place < len(words) else "") for place, word in enumerate(words, 1))


def request(text: str = WORDS, voice_id: str = "", language: str = "en", words_per_minute: int = 150) -> SpeechRequest:
    return SpeechRequest(tokens_of(text), voice_id, language, words_per_minute)


def account(vendor: str, url: str, key: str, model: str, timeouts: Timeouts = QUICK) -> Account:
    return Account(vendor, key, url, {"speech": model}, timeouts)


def sound(seconds: float, *, loud: bool = True) -> bytes:
    moments = np.arange(int(24_000 * seconds)) / 24_000
    return (np.sin(moments * 2 * np.pi * 220) * (8_000 if loud else 0)).astype("<i2").tobytes()


def timed(pcm: bytes, **changed: object) -> wire.Fault:
    """An answer of ElevenLabs with these samples and no times."""
    body = {"audio_base64": base64.b64encode(pcm).decode(), "alignment": None, "normalized_alignment": None}
    return wire.answer(json.dumps({**body, **changed}).encode())


def assert_ends_as_declared(speak, kind: type[PipelineError], code: str) -> None:
    started, began = time.monotonic(), datetime.now(UTC)

    with pytest.raises(PipelineError) as raised:
        speak()

    assert (type(raised.value), raised.value.code) == (kind, code)
    assert time.monotonic() - started < 3.0
    if isinstance(raised.value, RateLimited):
        assert raised.value.after > began + timedelta(seconds=29)
    assert "purr" not in str(raised.value)
