"""Change one scene of a script and nothing else."""

from __future__ import annotations

from dataclasses import replace

from apps.pipeline.contracts import Scene, Script
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.text.characters import has_words, printable
from apps.pipeline.text.cleaning import clean_text
from apps.pipeline.text.narration import facts_of, read_paragraphs
from apps.pipeline.text.scenes import estimate_seconds, joined
from apps.pipeline.text.sentences import split_sentences

LONGEST_SCENE_CHARACTERS = 2_000
LONGEST_PICTURE_CHARACTERS = 600
_CAPTION_WORDS = 10


def edit_scene(script: Script, number: int, *, words: str | None, picture: str | None, words_per_minute: int) -> Script:
    """Return `script` with scene `number` (1 is the first) changed; every other scene stays equal.

    `words` replaces what is shown and said, on-screen title included, kept as one scene whatever its length;
    `picture` replaces the picture's description. None leaves a part as it is. Raises Rejected for a scene that does
    not exist and for empty words or pictures.
    """
    count = len(script.scenes)
    if not 1 <= number <= count:
        raise Rejected("no_such_scene", f"This video has no scene {number}. Choose a number from 1 to {count}.")
    scene = script.scenes[number - 1]
    if words is not None:
        scene = _with_words(scene, words, script.language, words_per_minute)
    if picture is not None:
        scene = _with_picture(scene, picture)
    scenes = (*script.scenes[: number - 1], scene, *script.scenes[number:])
    return replace(script, scenes=scenes, metadata=facts_of(scenes))


def _with_words(scene: Scene, words: str, language: str, words_per_minute: int) -> Scene:
    clean = clean_text(words)
    if not has_words(clean):
        raise Rejected("no_words", "The new text of the scene has no words. Write at least one word.")
    if len(clean) > LONGEST_SCENE_CHARACTERS:
        raise Rejected(
            "text_too_long",
            f"The new text of the scene is too long. Keep it under {LONGEST_SCENE_CHARACTERS:,} characters.",
        )
    tokens = joined(read_paragraphs(clean, language))
    opening = split_sentences(tokens)[0][:_CAPTION_WORDS]
    caption = "".join(token.display + token.after for token in opening).rstrip(" .,;:!?…")
    return replace(scene, tokens=tokens, caption=caption, estimated_seconds=estimate_seconds(tokens, words_per_minute))


def _with_picture(scene: Scene, picture: str) -> Scene:
    described = " ".join(printable(picture).split())[:LONGEST_PICTURE_CHARACTERS]
    if not has_words(described):
        raise Rejected("no_words", "The description of the picture has no words. Say what the picture should show.")
    return replace(scene, image_prompt=described)
