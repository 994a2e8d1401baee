"""OpenAI's Chat Completions and Moderations on loopback."""

from __future__ import annotations

import json
import re

from tests.wire.server import Call, Reply, Route, WireServer, as_json
from tests.wire.written import answer_to

KEY = "sk-wire"  # pragma: allowlist secret
NO_KEY = as_json({"error": {"message": "no", "type": "invalid_request_error", "code": "invalid_api_key"}}, 401)


class Words:
    """What the model says: `stretch` lengthens narrations, one entry a call; `says` replaces whole answers."""

    def __init__(self) -> None:
        self.stretch: list[float] = []
        self.says: list[str] = []
        self.harmful = re.compile(r"\bbomb at home\b")

    def routes(self) -> dict[tuple[str, str], Route]:
        return {
            ("POST", r"/v1/chat/completions"): self.complete,
            ("POST", r"/v1/moderations"): self.moderate,
            ("GET", r"/v1/models"): self.models,
        }

    def complete(self, call: Call, found: re.Match[str]) -> Reply:
        if call.headers.get("Authorization") != f"Bearer {KEY}":
            return NO_KEY
        question = call.json["messages"][-1]["content"]
        stretch = self.stretch.pop(0) if self.stretch and "Length:" in question else 1.0
        said = self.says.pop(0) if self.says else json.dumps(answer_to(question, stretch=stretch))
        message = {"role": "assistant", "content": said, "refusal": None}
        return as_json(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1,
                "model": call.json["model"],
                "choices": [{"index": 0, "finish_reason": "stop", "logprobs": None, "message": message}],
                "usage": {"prompt_tokens": 400, "completion_tokens": 1_000, "total_tokens": 1_400},
            }
        )

    def moderate(self, call: Call, found: re.Match[str]) -> Reply:
        results = [self._judged(piece) for piece in call.json["input"]]
        return as_json({"id": "modr-1", "model": call.json["model"], "results": results})

    def _judged(self, piece: str) -> dict[str, object]:
        score = 0.99 if self.harmful.search(piece) else 0.01
        kinds = ("harassment", "hate", "illicit", "self-harm", "sexual", "sexual/minors", "violence")
        scores = {kind: score if kind == "illicit" else 0.01 for kind in kinds}
        return {
            "flagged": score > 0.5,
            "categories": {kind: found > 0.5 for kind, found in scores.items()},
            "category_scores": scores,
            "category_applied_input_types": {kind: ["text"] for kind in kinds},
        }

    def models(self, call: Call, found: re.Match[str]) -> Reply:
        if call.headers.get("Authorization") != f"Bearer {KEY}":
            return NO_KEY
        model = {"id": "gpt-5-mini", "object": "model", "created": 1, "owned_by": "openai"}
        return as_json({"object": "list", "data": [model]})


def openai_text() -> tuple[WireServer, Words]:
    words = Words()
    return WireServer(words.routes()), words
