"""`/api/v1/projects`, `/jobs`, `/assets`, `/voice-profiles`: videos for programs."""

from __future__ import annotations

from ninja import Router

# The names that the API gives to the fields of an Order.
NAMES_OF_FIELDS = {
    "prompt": "promptText",
    "transcript": "transcriptText",
    "niche": "nichePreset",
    "minutes": "targetMinutes",
    "voice": "voiceId",
    "captions": "captionStyle",
    "position": "captionPosition",
}
router = Router(tags=["videos"])
