"""The words, scene by scene."""

from __future__ import annotations

from dataclasses import dataclass

CAPTION_WORDS = 10


@dataclass(frozen=True)
class Token:
    """One word as it is shown and as it is said; `after` is what follows it: " ", or "" in scripts without spaces."""

    display: str
    spoken: str
    after: str = " "


@dataclass(frozen=True)
class Scene:
    """One picture and its sentences. `caption` is a short on-screen title (CAPTION_WORDS words at most).

    `title` is a part of what its picture is asked for by, so it stays when the words are changed; `heading` then says
    what the scene is `called` since. `take` tells one picture of a description from the others that were drawn of it:
    0 is the first.
    """

    scene_id: str
    title: str
    tokens: tuple[Token, ...]
    caption: str
    image_prompt: str
    visual_style: str
    estimated_seconds: float
    ends_paragraph: bool = False
    take: int = 0
    heading: str = ""

    @property
    def called(self) -> str:
        return self.heading or self.title

    @property
    def display_text(self) -> str:
        return "".join(token.display + token.after for token in self.tokens).rstrip()

    @property
    def spoken_text(self) -> str:
        return "".join(token.spoken + token.after for token in self.tokens if token.spoken).rstrip()


@dataclass(frozen=True)
class ScriptFacts:
    estimated_seconds: float
    word_count: int
    scene_count: int


@dataclass(frozen=True)
class Script:
    """`written_by` names who wrote the words: "you" (manual), "sample writer" or a service.

    `tags` and `hooks`, sentences that could open the video, are there where a model described the scenes.
    """

    title: str
    description: str
    language: str
    scenes: tuple[Scene, ...]
    metadata: ScriptFacts
    written_by: str
    tags: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()

    @property
    def narration_text(self) -> str:
        return "\n".join(scene.display_text for scene in self.scenes)
