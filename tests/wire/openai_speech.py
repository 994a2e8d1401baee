"""OpenAI's `POST /audio/speech` on loopback: it checks the key and says the text."""

from __future__ import annotations

import re

from tests.wire.server import Call, Reply, WireServer, as_json
from tests.wire.sound import spoken

KEY = "sk-wire"  # pragma: allowlist secret


def speech_server() -> WireServer:
    return WireServer({("POST", "/v1/audio/speech"): speech})


def speech(call: Call, _: re.Match[str]) -> Reply:
    if {name.lower(): text for name, text in call.headers.items()}.get("authorization") != f"Bearer {KEY}":
        error = {"message": "Incorrect API key provided", "type": "invalid_request_error", "code": "invalid_api_key"}
        return as_json({"error": error}, 401)
    if call.json["response_format"] != "pcm":
        return as_json({"error": {"message": "only pcm here", "type": "invalid_request_error", "code": None}}, 400)
    pcm, _times = spoken(call.json["input"], call.json.get("speed", 1.0))
    return Reply(200, pcm, "audio/pcm")
