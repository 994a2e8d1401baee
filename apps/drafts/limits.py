"""What of a draft is refused for its length, and how long a draft is kept."""

from __future__ import annotations

from datetime import timedelta

from canvascast.errors import Invalid
from canvascast.plain_text import without_controls
from canvascast.video_choices import PROMPT_CHARACTERS, TRANSCRIPT_CHARACTERS

KEPT_UNCLAIMED = timedelta(days=7)
KEPT_CLAIMED = timedelta(days=30)
# Of one network address, or of one user.
DRAFTS_AN_HOUR = 10
COUNTED_FOR = timedelta(hours=1)


def checked_texts(prompt: str, transcript: str) -> tuple[str, str]:
    """Return both texts cleaned. With a transcript the prompt may be short or empty.

    Raises Invalid naming `promptText` or `transcriptText`.
    """
    prompt, transcript = without_controls(prompt), without_controls(transcript)
    if transcript:
        _require_length("transcriptText", "script", transcript, TRANSCRIPT_CHARACTERS)
        _require_length("promptText", "description", prompt, (0, PROMPT_CHARACTERS[1]))
    else:
        _require_length("promptText", "description", prompt, PROMPT_CHARACTERS)
    return prompt, transcript


def _require_length(field: str, name: str, text: str, limits: tuple[int, int]) -> None:
    if len(text) < limits[0]:
        _refuse(field, f"The {name} is too short: please write at least {limits[0]} characters.")
    if len(text) > limits[1]:
        _refuse(field, f"The {name} has {len(text):,} characters; {limits[1]:,} is the most. Please shorten it.")


def _refuse(field: str, sentence: str) -> None:
    raise Invalid(sentence, {field: sentence})
