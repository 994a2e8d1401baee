"""Prompt or transcript to a script: scenes of shown and spoken words, each with what to paint."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts import CAPTION_WORDS, WORDS_PER_MINUTE, Niche, Scene, Script, TranscriptMode
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.moderator.base import Judgement, text_refused
from apps.pipeline.providers.writer.base import NarrationRequest, SceneBriefing, SceneNote, Writer
from apps.pipeline.render.caption_words import require_short_words
from apps.pipeline.steps.base import Context, Inputs, Step
from apps.pipeline.steps.writing import LONGEST_TEXT_CHARACTERS, Draft, describe, narrate
from apps.pipeline.text.characters import has_words, printable
from apps.pipeline.text.cleaning import clean_text, heading_of
from apps.pipeline.text.narration import facts_of, read_paragraphs
from apps.pipeline.text.scenes import SceneWords, split_scenes
from apps.pipeline.text.speaking import SPEAKING_SHARE

_TITLE_CHARACTERS = 200
_DESCRIPTION_CHARACTERS = 1_000
_SCENE_TITLE_CHARACTERS = 80
_CAPTION_CHARACTERS = 120
_PICTURE_CHARACTERS = 600
_TAG_CHARACTERS = 30
_HOOK_CHARACTERS = 200


@dataclass(frozen=True)
class ScriptRequest:
    """`text` is the prompt (auto) or the transcript (manual); `target_words` is 0 in manual mode."""

    mode: TranscriptMode
    text: str
    title: str
    niche: Niche
    language: str
    target_words: int
    words_per_minute: int
    visual_style: str
    seed: int


class ScriptStep(Step):
    name = "script"
    version = 2
    status = "SCRIPTING"
    capability = "writer"
    usual_seconds = 1.0
    uses = (
        "title",
        "prompt",
        "niche_preset",
        "target_minutes",
        "transcript_mode",
        "transcript_text",
        "language",
        "seed",
        "pace",
        "voice",
        "look",
    )
    result = Script
    request_type = ScriptRequest
    is_moderated = True
    reuse_across_projects_seconds = 24 * 3600

    def request(self, inputs: Inputs) -> ScriptRequest:
        brief = inputs.brief
        is_manual = brief["transcript_mode"] == "manual"
        words_per_minute = round(WORDS_PER_MINUTE[brief["pace"]] * brief["voice"].speed)
        return ScriptRequest(
            mode=brief["transcript_mode"],
            text=brief["transcript_text"] if is_manual else brief["prompt"],
            title=brief["title"],
            niche=brief["niche_preset"],
            language=brief["language"],
            target_words=0 if is_manual else round(brief["target_minutes"] * words_per_minute * SPEAKING_SHARE),
            words_per_minute=words_per_minute,
            visual_style=brief["look"].visual_style,
            seed=brief["seed"],
        )

    def make(self, request: ScriptRequest, context: Context) -> Script:
        """Write or split the words, then describe each scene.

        Raises Rejected for a text without words, with one that no caption has room for, beyond 100,000 characters or of
        which no video is made, Transient for an unusable draft.
        """
        _refuse_unusable(request)
        _refuse_harmful(request, context)
        writer: Writer = context.provider
        context.progress(0.05, "Writing the script")
        draft = _draft(writer, request, context)
        words = split_scenes(read_paragraphs(draft.text, request.language), request.words_per_minute)
        require_short_words(token for scene in words for token in scene.tokens)
        context.progress(0.6, "Describing the scenes")
        notes = describe(writer, _briefing(request, draft, words), context)
        scenes = tuple(
            _scene(number, *pair, request) for number, pair in enumerate(zip(words, notes.scenes, strict=True), 1)
        )
        return Script(
            title=_line(request.title or draft.title or notes.title, _TITLE_CHARACTERS),
            description=_line(draft.description or notes.description, _DESCRIPTION_CHARACTERS),
            language=request.language,
            scenes=scenes,
            metadata=facts_of(scenes),
            written_by="you" if request.mode == "manual" else writer.label,
            tags=_lines(notes.tags, _TAG_CHARACTERS),
            hooks=_lines(notes.hooks, _HOOK_CHARACTERS),
        )


def _refuse_unusable(request: ScriptRequest) -> None:
    what = "transcript" if request.mode == "manual" else "prompt"
    if len(request.text) > LONGEST_TEXT_CHARACTERS:
        raise Rejected(
            "text_too_long", f"The {what} is too long. Keep it under {LONGEST_TEXT_CHARACTERS:,} characters."
        )
    if not has_words(clean_text(request.text)):
        raise Rejected("no_words", f"The {what} has no words to say. Write at least one word.")


def _refuse_harmful(request: ScriptRequest, context: Context) -> None:
    judgement: Judgement = context.moderator.judge("\n".join((request.title, request.text, request.visual_style)))
    if judgement.reasons:
        raise text_refused(judgement.reasons)


def _draft(writer: Writer, request: ScriptRequest, context: Context) -> Draft:
    if request.mode == "manual":
        return Draft(clean_text(request.text), heading_of(request.text), "")
    return narrate(writer, _narration_request(request), context)


def _narration_request(request: ScriptRequest) -> NarrationRequest:
    return NarrationRequest(
        prompt=request.text,
        niche=request.niche,
        target_words=request.target_words,
        language=request.language,
        seed=request.seed,
    )


def _briefing(request: ScriptRequest, draft: Draft, words: tuple[SceneWords, ...]) -> SceneBriefing:
    return SceneBriefing(
        title=request.title or draft.title,
        scene_texts=tuple("".join(token.display + token.after for token in scene.tokens).strip() for scene in words),
        niche=request.niche,
        language=request.language,
        visual_style=request.visual_style,
        seed=request.seed,
    )


def _scene(number: int, words: SceneWords, note: SceneNote, request: ScriptRequest) -> Scene:
    text = "".join(token.display + token.after for token in words.tokens)
    return Scene(
        scene_id=f"scene_{number:03d}",
        title=_line(note.title, _SCENE_TITLE_CHARACTERS) or f"Scene {number}",
        tokens=words.tokens,
        caption=" ".join(_line(note.caption, _CAPTION_CHARACTERS).split()[:CAPTION_WORDS]),
        image_prompt=_line(note.image_prompt, _PICTURE_CHARACTERS) or _line(text, _PICTURE_CHARACTERS),
        visual_style=_line(request.visual_style, _SCENE_TITLE_CHARACTERS),
        estimated_seconds=words.seconds,
        ends_paragraph=words.ends_paragraph,
    )


def _lines(texts: tuple[str, ...], limit: int) -> tuple[str, ...]:
    lines = (_line(text, limit) for text in texts)
    return tuple(dict.fromkeys(line for line in lines if line))


def _line(text: str, limit: int) -> str:
    """Return `text` as one printable line of at most `limit` characters, cut at a word where it has words."""
    line = " ".join(printable(text).split())
    if len(line) <= limit:
        return line
    head, space, _ = line[:limit].rpartition(" ")
    return head if space else line[:limit]
