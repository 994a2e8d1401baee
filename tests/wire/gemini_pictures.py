"""Gemini's `generateContent` with a picture as its answer, on loopback, strict about what it is asked."""

from __future__ import annotations

import base64
import re

from jsonschema import Draft202012Validator

from tests.wire.paint import picture
from tests.wire.server import Call, Reply, WireServer, as_json

KEY = "gemini-wire"  # pragma: allowlist secret
PATH = r"/v1(?:beta)?/models/[\w.-]+:generateContent"
_SIZES = {"16:9": (1344, 768), "9:16": (768, 1344), "1:1": (1024, 1024)}
_PART = {
    "oneOf": [
        {"required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        {
            "required": ["inlineData"],
            "properties": {
                "inlineData": {
                    "type": "object",
                    # The API takes either spelling; the SDK sends this one inside of parts.
                    "required": ["mime_type", "data"],
                    "additionalProperties": False,
                    "properties": {
                        "mime_type": {"enum": ["image/png"]},
                        "data": {"type": "string", "pattern": "^[A-Za-z0-9+/_-]+={0,2}$"},
                    },
                }
            },
        },
    ],
    "type": "object",
    "unevaluatedProperties": False,
}
# What the painter may send of GenerateContentRequest (https://ai.google.dev/api/generate-content), and nothing else.
REQUEST = {
    "type": "object",
    "required": ["contents", "generationConfig"],
    "additionalProperties": False,
    "properties": {
        "contents": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["parts", "role"],
                "additionalProperties": False,
                "properties": {"role": {"const": "user"}, "parts": {"type": "array", "minItems": 1, "items": _PART}},
            },
        },
        "generationConfig": {
            "type": "object",
            "required": ["responseModalities", "imageConfig"],
            "additionalProperties": False,
            "properties": {
                "responseModalities": {"const": ["IMAGE"]},
                "candidateCount": {"const": 1},
                "imageConfig": {
                    "type": "object",
                    "required": ["aspectRatio"],
                    "additionalProperties": False,
                    "properties": {"aspectRatio": {"enum": ["1:1", "16:9", "9:16"]}},
                },
            },
        },
    },
}


class GeminiPictures(WireServer):
    def __init__(self, *, address: str = "127.0.0.1") -> None:
        super().__init__({("POST", PATH): self._generate}, address=address)

    def _generate(self, call: Call, _: re.Match[str]) -> Reply:
        if call.headers.get("X-Goog-Api-Key") != KEY:
            return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
        wrong = violations_of(call)
        if wrong:
            return error(400, "INVALID_ARGUMENT", "; ".join(wrong))
        ratio = call.json["generationConfig"]["imageConfig"]["aspectRatio"]
        return as_json(picture_answer(picture(*_SIZES[ratio])))


def violations_of(call: Call) -> list[str]:
    return [f"{found.json_path} {found.message}" for found in Draft202012Validator(REQUEST).iter_errors(call.json)]


def picture_answer(content: bytes, mime_type: str = "image/png") -> dict[str, object]:
    """A GenerateContentResponse with one picture."""
    part = {"inlineData": {"mimeType": mime_type, "data": base64.b64encode(content).decode()}}
    return parts_answer(part)


def parts_answer(*parts: object, finish: str = "STOP") -> dict[str, object]:
    return {
        "candidates": [{"content": {"role": "model", "parts": list(parts)}, "finishReason": finish, "index": 0}],
        "usageMetadata": {"promptTokenCount": 90, "candidatesTokenCount": 1_290, "totalTokenCount": 1_380},
        "modelVersion": "gemini-2.5-flash-image",
        "responseId": "wire-1",
    }


def blocked_answer(reason: str = "PROHIBITED_CONTENT") -> dict[str, object]:
    return {"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 90}}


def error(code: int, status: str, message: str) -> Reply:
    return as_json({"error": {"code": code, "status": status, "message": message}}, code)
