"""Words that somebody puts into a script that is made already: judged as the text was of which it was made."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError, Rejected
from apps.pipeline.providers.moderator.base import Judgement
from apps.pipeline.providers.moderator.word_list import reasons_against
from apps.pipeline.quick_calls import asked_quickly, is_remote
from apps.pipeline.text.editing import SceneChange, SceneRefused
from canvascast.errors import Unavailable
from canvascast.logs import get_logger

log = get_logger("pipeline")

HARMFUL = "We make no videos about this: it could do harm. Use other words."


class NotJudged(Unavailable):
    """Whoever judges texts did not answer; a text that nobody could judge is not used."""


def refuse_harmful_scene(change: SceneChange) -> None:
    """Raise SceneRefused for a change that the built-in list of words refuses. Asks nobody."""
    for part, text in (("words", change.words), ("picture", change.picture)):
        if text and reasons_against(text):
            raise SceneRefused("text_refused", HARMFUL, change.number, "words" if part == "words" else "picture")


def require_harmless(changes: Iterable[SceneChange]) -> None:
    """Let the moderator judge all that is new, in one call where it is a vendor's; nobody's lock may wait for it.

    Raises SceneRefused, Rejected("text_refused") where several scenes were judged together, and NotJudged.
    """
    written = []
    for change in changes:
        refuse_harmful_scene(change)
        written += [text for text in (change.words, change.picture) if text]
    moderator = registry.provider("moderator", settings.PROVIDERS["moderator"])
    if not (written and is_remote(moderator)):
        return
    try:
        judgement: Judgement = asked_quickly(moderator, "moderator").judge("\n".join(written))
    except PipelineError as error:
        log.warning("edit_not_judged", code=error.code, provider=moderator.name)
        raise NotJudged(
            "Your words could not be checked just now. Nothing was charged. Please try again in a minute."
        ) from error
    if judgement.reasons:
        raise Rejected("text_refused", HARMFUL, f"text_refused: {', '.join(judgement.reasons)}")
