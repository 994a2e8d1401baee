"""Gemini's generateContent for text on loopback."""

from __future__ import annotations

import json
import re

from tests.wire.server import Call, Reply, Route, WireServer, as_json
from tests.wire.written import answer_to

KEY = "gemini-wire"  # pragma: allowlist secret
NO_KEY = as_json({"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}, 400)


class GeminiWords:
    """What the model says; `blocked` withholds the next answer for its content."""

    def __init__(self) -> None:
        self.blocked = False

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            ("POST", r"/v1(?:beta)?/models/gemini-2\.5-flash:generateContent"): self.generate,
            ("GET", r"/v1(?:beta)?/models"): self.models,
        }

    def generate(self, call: Call, found: re.Match[str]) -> Reply:
        if call.headers.get("x-goog-api-key") != KEY:
            return NO_KEY
        if self.blocked:
            return as_json({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
        said = json.dumps(answer_to(call.json["contents"][0]["parts"][0]["text"]))
        return as_json(
            {
                "candidates": [
                    {"content": {"role": "model", "parts": [{"text": said}]}, "finishReason": "STOP", "index": 0}
                ],
                "usageMetadata": {
                    "promptTokenCount": 400,
                    "candidatesTokenCount": 900,
                    "thoughtsTokenCount": 100,
                    "totalTokenCount": 1_400,
                },
                "modelVersion": "gemini-2.5-flash",
            }
        )

    def models(self, call: Call, found: re.Match[str]) -> Reply:
        if call.headers.get("x-goog-api-key") != KEY:
            return NO_KEY
        return as_json({"models": [{"name": "models/gemini-2.5-flash", "displayName": "Gemini 2.5 Flash"}]})


def gemini_text() -> tuple[WireServer, GeminiWords]:
    words = GeminiWords()
    return WireServer(words.routes()), words
