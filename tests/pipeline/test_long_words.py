"""Words that no caption has room for are refused, and every shorter one stands on the screen whole."""

from __future__ import annotations

import itertools

import pytest

from apps.pipeline.briefs import BriefRefused, Order, build_brief
from apps.pipeline.contracts import CAPTION_STYLES, SHAPE_SIZES, CaptionBlock, CaptionTrack, CaptionWord
from apps.pipeline.offered_voices import offer_of
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.speaker.espeak import EspeakSpeaker
from apps.pipeline.render import captions
from apps.pipeline.render.caption_words import require_short_words_in
from apps.pipeline.timeline.themes import THEMES

OFFER = offer_of([(EspeakSpeaker(), EspeakSpeaker().voices())])
PLACE = "Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu"
WORD = "w" * 120


@pytest.mark.parametrize(("style", "shape"), [*itertools.product(CAPTION_STYLES, SHAPE_SIZES)])
@pytest.mark.parametrize("word", ["W" * 60, PLACE])
def test_word_that_is_taken_is_shown_whole(word, style, shape, monkeypatch):
    drawn = []
    lay_out = captions.lay_out
    monkeypatch.setattr(captions, "lay_out", lambda *given, **how: drawn.append(lay_out(*given, **how)) or drawn[-1])
    block = CaptionBlock(0, 10, (CaptionWord(word, 0, 10),))
    track = CaptionTrack(style, "bottom", "en", (block,))

    captions.CaptionPainter(track, next(iter(THEMES.values())), *SHAPE_SIZES[shape]).patch_at(0)

    require_short_words_in(word, "en")
    assert "".join(run.text for run in drawn[0].runs) == word


def test_longer_word_of_a_transcript_is_refused_by_its_name():
    with pytest.raises(BriefRefused) as refused:
        build_brief(Order(transcript=f"Look at {WORD} and see."), OFFER)

    assert refused.value.field == "transcript"
    assert refused.value.sentence == (
        "“wwwwwwwwwwwwwwwwwwwwwwwwwwwwww…” is one word of 120 characters, longer than captions have room for. "
        "Please shorten it or leave it out."
    )


@pytest.mark.parametrize(
    "text",
    [
        f"Look at {'w' * 70}, and see.",
        "W" + "\u0301" * 200,
        "天" * 200,
        "ภาษาไทย" * 30,
        "well—" * 40 + "then",
        f"{PLACE} {PLACE}\n{PLACE}",
    ],
    ids=["comma", "marks", "chinese", "thai", "dashes", "many"],
)
def test_long_text_of_short_words_is_taken(text):
    require_short_words_in(text, "en")


def test_prompt_may_name_a_long_address():
    address = f"https://example.com/{WORD}"

    assert address in build_brief(Order(prompt=f"What is {address} about?"), OFFER).prompt


def test_dots_that_cling_to_a_word_count():
    with pytest.raises(Rejected) as refused:
        require_short_words_in(f"Chapter one {'.' * 600} 12", "en")

    assert refused.value.code == "long_word"


def test_signs_that_are_wider_than_letters_are_measured():
    with pytest.raises(Rejected) as refused:
        require_short_words_in("𒐫" * 40, "en")

    assert refused.value.code == "long_word"
    require_short_words_in("𒐫" * 5, "en")
    require_short_words_in("\ufdfd" * 3, "ar")
