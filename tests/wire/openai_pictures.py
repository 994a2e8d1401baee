"""OpenAI's pictures and transcriptions on loopback: the paths, fields and answers of its own description."""

from __future__ import annotations

import base64
import re

from tests.wire.forms import form_of
from tests.wire.paint import picture
from tests.wire.server import Call, Reply, WireServer, as_json

KEY = "sk-wire"  # pragma: allowlist secret
USAGE = {
    "input_tokens": 120,
    "output_tokens": 1_568,
    "total_tokens": 1_688,
    "input_tokens_details": {"text_tokens": 120, "image_tokens": 0},
}


class OpenAIPictures(WireServer):
    """`heard` is what the transcription of any sound says: (word, start, end)."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, float, float]] = []
        super().__init__(
            {
                ("POST", "/v1/images/generations"): self._generate,
                ("POST", "/v1/images/edits"): self._edit,
                ("POST", "/v1/audio/transcriptions"): self._transcribe,
            }
        )

    def _generate(self, call: Call, _: re.Match[str]) -> Reply:
        return _refused(call) or _drawn(call.json["size"], call.json["quality"])

    def _edit(self, call: Call, _: re.Match[str]) -> Reply:
        fields = form_of(call).fields
        return _refused(call) or _drawn(fields["size"][0], fields["quality"][0])

    def _transcribe(self, call: Call, _: re.Match[str]) -> Reply:
        return _refused(call) or as_json(transcription(self.heard))


def transcription(heard: list[tuple[str, float, float]]) -> dict[str, object]:
    """A CreateTranscriptionResponseVerboseJson."""
    seconds = heard[-1][2] if heard else 0.0
    return {
        "task": "transcribe",
        "language": "english",
        "duration": seconds,
        "text": " ".join(word for word, _, _ in heard),
        "words": [{"word": word, "start": start, "end": end} for word, start, end in heard],
        "usage": {"type": "duration", "seconds": round(seconds)},
    }


def image_answer(content: bytes, size: str = "1536x1024", quality: str = "medium") -> dict[str, object]:
    """An ImagesResponse."""
    return {
        "created": 1_760_000_000,
        "background": "opaque",
        "output_format": "png",
        "size": size,
        "quality": quality,
        "data": [{"b64_json": base64.b64encode(content).decode()}],
        "usage": USAGE,
    }


def _drawn(size: str, quality: str) -> Reply:
    width, height = (int(side) for side in size.split("x"))
    return as_json(image_answer(picture(width, height), size, quality))


def _refused(call: Call) -> Reply | None:
    if call.headers.get("Authorization") == f"Bearer {KEY}":
        return None
    error = {"message": "Incorrect API key", "type": "invalid_request_error", "code": "invalid_api_key", "param": None}
    return as_json({"error": error}, 401)
