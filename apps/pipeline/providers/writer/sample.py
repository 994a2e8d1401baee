"""The embedded writer: no model, no network. It orders the user's own words, or lays out a guide to a topic."""

from __future__ import annotations

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.usage import Usage
from apps.pipeline.providers.writer.base import NarrationDraft, NarrationRequest, SceneBriefing, SceneNote, SceneNotes
from apps.pipeline.providers.writer.extract import select_sentences, sentences_of
from apps.pipeline.providers.writer.notes import caption_of, picture_of, title_of
from apps.pipeline.providers.writer.outline import compose
from apps.pipeline.providers.writer.topic import find_topic, title_case
from apps.pipeline.text.characters import has_words
from apps.pipeline.text.cleaning import clean_text, heading_of
from apps.pipeline.text.descriptions import description_of
from apps.pipeline.text.tokens import count_words

_USAGE = Usage(model="sample-1")
_MATERIAL_WORDS = 40
_FEWEST_WORDS = 5


class SampleWriter:
    """Deterministic: the same request gives the same words. States no fact that the user did not give."""

    name = "sample"
    identity = "sample-1"
    label = "sample writer"

    def narrate(self, request: NarrationRequest) -> NarrationDraft:
        """Narrate material of 40 words and more in its own sentences; make an outline of a shorter English prompt.

        A short prompt in another language is narrated as it stands. Raises Rejected for one without enough words.
        """
        paragraphs = [paragraph for paragraph in clean_text(request.prompt).split("\n\n") if has_words(paragraph)]
        words = sum(count_words(paragraph) for paragraph in paragraphs)
        is_english = request.language.lower().split("-")[0] == "en"
        if not paragraphs:
            raise Rejected(
                "no_words", "There are no words in the prompt. Describe in a sentence what the video is about."
            )
        if words >= _MATERIAL_WORDS or not is_english:
            return _retold(paragraphs, words, request)
        return _outlined(sentences_of(paragraphs[0])[0], request)

    def describe(self, request: SceneBriefing) -> SceneNotes:
        """Name each scene, and what to paint for it, out of its own words."""
        title = request.title or (title_of(request.scene_texts[0]) if request.scene_texts else "")
        scenes = tuple(
            SceneNote(title_of(text), caption_of(text), picture_of(text, request.title, request.niche, request.seed))
            for text in request.scene_texts
        )
        return SceneNotes(title, description_of(request.scene_texts), scenes, _USAGE)


def _retold(paragraphs: list[str], words: int, request: NarrationRequest) -> NarrationDraft:
    if words < _FEWEST_WORDS:
        raise Rejected(
            "writer_needs_text",
            "The sample writer makes up text in English only. Paste a few full sentences in your language, "
            "or choose English.",
        )
    return NarrationDraft(
        title=title_case(heading_of(request.prompt)) or title_of(sentences_of(paragraphs[0])[0]),
        description="A sample writer put this together from your own sentences; it added nothing to them.",
        paragraphs=select_sentences(paragraphs, request.target_words, request.language),
        usage=_USAGE,
    )


def _outlined(prompt: str, request: NarrationRequest) -> NarrationDraft:
    topic = find_topic(prompt)
    return NarrationDraft(
        title=title_case(topic.title),
        description=(
            f"A guide to thinking about {topic.phrase}. "
            "A sample writer wrote it: it asks good questions and states no facts about the topic."
        ),
        paragraphs=compose(topic, request.niche, request.target_words, request.seed),
        usage=_USAGE,
    )
