"""ElevenLabs on loopback: voices that can be listed, added and deleted, and speech with the times of characters."""

from __future__ import annotations

import base64
import email
import re
import uuid
from email.message import Message
from typing import Any

from tests.wire.server import Call, Reply, WireServer, as_json
from tests.wire.sound import spoken

KEY = "xi-wire"  # pragma: allowlist secret
RACHEL, HANS, CLONE = "21m00Tcm4TlvDq8ikWAM", "hansHANShansHANShans", "cloneCLONEcloneCLONE"
SPEECH_PATH = "/v1/text-to-speech/([A-Za-z0-9]+)/with-timestamps"
MODEL = "eleven_multilingual_v2"


class ElevenLabsServer(WireServer):
    """`voices` is the account's list; `clones` holds what was sent for each voice that was added."""

    def __init__(self) -> None:
        super().__init__(
            {
                ("GET", "/v2/voices"): self._list,
                ("POST", "/v1/voices/add"): self._add,
                ("DELETE", "/v1/voices/([A-Za-z0-9]+)"): self._delete,
                ("POST", SPEECH_PATH): self._speak,
            }
        )
        self.page_size = 100
        self.needs_verification = False
        self.clones: dict[str, dict[str, list[bytes]]] = {}
        self.voices: list[dict[str, Any]] = [
            voice(RACHEL, "Rachel", labels={"gender": "female", "accent": "american", "language": "en"}),
            voice(HANS, "Hans", labels={"language": "de"}, verified=[("de", MODEL), ("en", MODEL), ("fr", "other")]),
            voice(CLONE, "canvascast-somebody", category="cloned"),
        ]

    def _list(self, call: Call, _: re.Match[str]) -> Reply:
        if refused := _refused(call):
            return refused
        asked = dict(re.findall(r"[?&](\w+)=([^&]*)", call.path))
        found = [each for each in self.voices if asked.get("search", "").lower() in each["name"].lower()]
        start = int(asked.get("next_page_token", 0))
        end = start + min(int(asked.get("page_size", 10)), self.page_size)
        more = end < len(found)
        page = {"voices": found[start:end], "has_more": more, "total_count": len(found)}
        return as_json({**page, "next_page_token": str(end) if more else None})

    def _add(self, call: Call, _: re.Match[str]) -> Reply:
        if refused := _refused(call):
            return refused
        fields = _fields(call)
        if not fields.get("name") or not fields.get("files"):
            return as_json({"detail": [{"loc": ["body", "files"], "msg": "field required", "type": "missing"}]}, 422)
        made = uuid.uuid4().hex[:20]
        self.clones[made] = fields
        made_voice = voice(made, fields["name"][0].decode(), category="cloned")
        self.voices.append({**made_voice, "voice_verification": _verification(self.needs_verification)})
        return as_json({"voice_id": made, "requires_verification": self.needs_verification})

    def _delete(self, call: Call, found: re.Match[str]) -> Reply:
        if refused := _refused(call):
            return refused
        left = [each for each in self.voices if each["voice_id"] != found.group(1)]
        if len(left) == len(self.voices):
            return _not_found()
        self.voices = left
        return as_json({"status": "ok"})

    def _speak(self, call: Call, found: re.Match[str]) -> Reply:
        if refused := _refused(call):
            return refused
        if found.group(1) not in {each["voice_id"] for each in self.voices}:
            return _not_found()
        assert "output_format=pcm_24000" in call.path
        text = call.json["text"]
        pcm, times = spoken(text, (call.json.get("voice_settings") or {}).get("speed") or 1.0)
        alignment = {
            "characters": list(text),
            "character_start_times_seconds": [round(start, 3) for start, _ in times],
            "character_end_times_seconds": [round(end, 3) for _, end in times],
        }
        sound = base64.b64encode(pcm).decode()
        return as_json({"audio_base64": sound, "alignment": alignment, "normalized_alignment": alignment})


def voice(
    voice_id: str,
    name: str,
    *,
    category: str = "premade",
    labels: dict[str, str] | None = None,
    verified: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    languages = [
        {"language": language, "model_id": model, "accent": None, "locale": None, "preview_url": None}
        for language, model in verified or []
    ]
    shown = {"voice_id": voice_id, "name": name, "category": category, "labels": labels or {}, "samples": None}
    preview = "http://127.0.0.1:9/preview.mp3"
    return {**shown, "description": None, "preview_url": preview, "settings": None, "verified_languages": languages}


def _verification(is_needed: bool) -> dict[str, Any]:
    shown = {"requires_verification": is_needed, "is_verified": False, "verification_failures": []}
    return {**shown, "verification_attempts_count": 0, "language": None, "verification_attempts": None}


def _refused(call: Call) -> Reply | None:
    if {name.lower(): text for name, text in call.headers.items()}.get("xi-api-key") == KEY:
        return None
    return as_json({"detail": {"status": "invalid_api_key", "message": "Invalid API key"}}, 401)


def _not_found() -> Reply:
    return as_json({"detail": {"status": "voice_not_found", "message": "A voice with that ID was not found."}}, 404)


def _fields(call: Call) -> dict[str, list[bytes]]:
    """Return the parts of a multipart body by their field's name."""
    head = f"Content-Type: {call.headers['Content-Type']}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + call.body).get_payload()
    assert isinstance(parts, list)
    fields: dict[str, list[bytes]] = {}
    for part in parts:
        assert isinstance(part, Message)
        name = str(part.get_param("name", header="content-disposition"))
        fields.setdefault(name, []).append(bytes(part.get_payload(decode=True)))  # type: ignore[arg-type]
    return fields
