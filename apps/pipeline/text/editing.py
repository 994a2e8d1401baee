"""Change scenes of a script and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from apps.pipeline.contracts import CAPTION_WORDS, Scene, Script, Token
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.text.characters import has_words, printable
from apps.pipeline.text.cleaning import clean_text
from apps.pipeline.text.descriptions import requoted
from apps.pipeline.text.narration import facts_of, read_paragraphs
from apps.pipeline.text.scenes import estimate_seconds, joined
from apps.pipeline.text.sentences import split_sentences

LONGEST_SCENE_CHARACTERS = 2_000
LONGEST_PICTURE_CHARACTERS = 600
_HEADING_WORDS = 6


@dataclass(frozen=True)
class SceneChange:
    """What shall be otherwise in scene `number` (1 is the first); None, and words as they stand, leave a part as it is.

    `words` replaces what is shown and said, on-screen title included, kept as one scene whatever its length; `picture`
    replaces the picture's description. `wants_new_picture`: it is drawn anew, from whichever description.
    """

    number: int
    words: str | None = None
    picture: str | None = None
    wants_new_picture: bool = False


class SceneRefused(Rejected):
    """A change that cannot be made: `number` says of which scene, `part` of what in it."""

    def __init__(self, code: str, sentence: str, number: int, part: Literal["words", "picture", ""] = "") -> None:
        super().__init__(code, sentence)
        self.number = number
        self.part = part


def edit_script(script: Script, changes: Sequence[SceneChange], *, words_per_minute: int, take: int = 0) -> Script:
    """Return `script` with the scenes changed; every other scene stays equal.

    A description that quotes the old words of a scene, or is how they begin, has the new ones.

    `take` tells the pictures that are drawn anew from all that were drawn for these scenes before. Raises SceneRefused
    for a scene that does not exist or is named twice, and for what `edit_scene` does.
    """
    scenes = list(script.scenes)
    seen: set[int] = set()
    for change in changes:
        if not 1 <= change.number <= len(scenes):
            sentence = f"This video has no scene {change.number}. Choose a number from 1 to {len(scenes)}."
            raise SceneRefused("no_such_scene", sentence, change.number)
        if change.number in seen:
            raise SceneRefused("scene_twice", f"Scene {change.number} is changed twice. Name it once.", change.number)
        seen.add(change.number)
        place = change.number - 1
        scenes[place] = edit_scene(scenes[place], change, script.language, words_per_minute=words_per_minute, take=take)
    before, after = ([scene.display_text for scene in kept] for kept in (script.scenes, scenes))
    description = requoted(script.description, before, after)
    return replace(script, description=description, scenes=tuple(scenes), metadata=facts_of(scenes))


def edit_scene(scene: Scene, change: SceneChange, language: str, *, words_per_minute: int, take: int = 0) -> Scene:
    """Return the scene changed. Raises SceneRefused for words or a description that are empty or too long."""
    if change.words is not None and not is_same_text(change.words, scene.display_text):
        scene = _with_words(scene, change, language, words_per_minute)
    if change.picture is not None:
        scene = _with_picture(scene, change)
    return replace(scene, take=take) if change.wants_new_picture else scene


def named_as_before(script: Script, before: Script) -> Script:
    """Return the script with every scene that has the words of `before` again called and timed as it was there."""
    scenes = [_named_as(*pair) for pair in zip(script.scenes, before.scenes, strict=False)]
    scenes += script.scenes[len(scenes) :]
    return replace(script, scenes=tuple(scenes), metadata=facts_of(scenes))


def is_same_text(one: str, other: str) -> bool:
    """Return whether two texts differ in spaces and unseen signs at most."""
    return _one_line(one) == _one_line(other)


def changed_numbers(before: Script, after: Script) -> tuple[int, ...]:
    """Return the numbers of the scenes that are otherwise in `after`; scenes that only one of the two has count."""
    count = max(len(before.scenes), len(after.scenes))
    return tuple(
        number
        for number in range(1, count + 1)
        if before.scenes[number - 1 : number] != after.scenes[number - 1 : number]
    )


def _with_words(scene: Scene, change: SceneChange, language: str, words_per_minute: int) -> Scene:
    clean = clean_text(change.words or "")
    if not has_words(clean):
        sentence = "The new text of the scene has no words. Write at least one word."
        raise SceneRefused("no_words", sentence, change.number, "words")
    if len(clean) > LONGEST_SCENE_CHARACTERS:
        sentence = f"The new text of the scene is too long. Keep it under {LONGEST_SCENE_CHARACTERS:,} characters."
        raise SceneRefused("text_too_long", sentence, change.number, "words")
    tokens = joined(read_paragraphs(clean, language))
    opening = split_sentences(tokens)[0]
    return replace(
        scene,
        tokens=tokens,
        caption=_line(opening[:CAPTION_WORDS]),
        heading=_line(opening[:_HEADING_WORDS]),
        estimated_seconds=estimate_seconds(tokens, words_per_minute),
    )


def _named_as(scene: Scene, before: Scene) -> Scene:
    if scene.tokens != before.tokens:
        return scene
    seconds = before.estimated_seconds
    return replace(scene, caption=before.caption, heading=before.heading, estimated_seconds=seconds)


def _line(tokens: Sequence[Token]) -> str:
    return "".join(token.display + token.after for token in tokens).rstrip(" .,;:!?…")


def _with_picture(scene: Scene, change: SceneChange) -> Scene:
    described = _one_line(change.picture or "")
    if not has_words(described):
        sentence = "The description of the picture has no words. Say what the picture should show."
        raise SceneRefused("no_words", sentence, change.number, "picture")
    if len(described) > LONGEST_PICTURE_CHARACTERS and described != scene.image_prompt:
        sentence = f"The description is too long. Keep it under {LONGEST_PICTURE_CHARACTERS} characters."
        raise SceneRefused("text_too_long", sentence, change.number, "picture")
    return replace(scene, image_prompt=described)


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
