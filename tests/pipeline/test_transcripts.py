"""The transcript has every word once, a line a sentence, with a time from which nothing of it is missed."""

from __future__ import annotations

from apps.pipeline.contracts import Word
from apps.pipeline.transcripts import Line, transcript_of


def said(text: str, scene: str = "s1", *, start: float = 0.0, after: str = " ", closes: str = "") -> list[Word]:
    """Words of half a second each."""
    return [
        Word(word, start + 0.5 * place, start + 0.5 * place + 0.4, 1.0, scene, after, closes=word == closes)
        for place, word in enumerate(text.split("|" if not after else " "))
    ]


def test_each_sentence_is_a_line_under_its_scene():
    words = said("Cats purr. Dr. Ada knows.", start=0.19) + said("Do you?", "s2", start=61.97)

    scenes = transcript_of(words)

    assert [(scene.frame, scene.lines) for scene in scenes] == [
        ("01", (Line(0.1, "0:00", "Cats purr."), Line(1.1, "0:01", "Dr. Ada knows."))),
        ("02", (Line(61.9, "1:01", "Do you?"),)),
    ]


def test_list_items_without_a_full_stop_are_lines():
    scenes = transcript_of(said("Milk Bread and butter", closes="Milk"))

    assert [line.text for line in scenes[0].lines] == ["Milk", "Bread and butter"]


def test_script_without_spaces_is_joined_without_them():
    scenes = transcript_of(said("猫は|鳴く。|なぜ？", after=""))

    assert [line.text for line in scenes[0].lines] == ["猫は鳴く。", "なぜ？"]


def test_video_without_words_has_no_transcript():
    assert transcript_of([]) == ()
