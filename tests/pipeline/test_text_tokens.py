"""Tokens are the text itself, cut where captions may break."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.pipeline.text.characters import SYMBOLS_SAID, has_words
from apps.pipeline.text.spoken import with_spoken
from apps.pipeline.text.tokens import count_words, tokenise


def _joined(tokens):
    return "".join(token.display + token.after for token in tokens)


@pytest.mark.parametrize(
    ("text", "displays"),
    [
        ("Cats purr.", ["Cats", "purr."]),
        ("often — very often -", ["often —", "very", "often -"]),
        ("— so it begins", ["— so", "it", "begins"]),
        ("rock & roll", ["rock", "&", "roll"]),
        ("wait...what—now", ["wait...", "what—", "now"]),
        ("1914–1918 10 %", ["1914–1918", "10 %"]),
        ("“Really?” he asked", ["“Really?”", "he", "asked"]),
        ("我们（也许）知道。", ["我", "们", "（也", "许）", "知", "道。"]),
        ("AI技术3.5倍", ["AI", "技", "术", "3.5", "倍"]),
        ("カード・ルール", ["カー", "ド・", "ルー", "ル"]),
        ("नमस्ते दुनिया।", ["नमस्ते", "दुनिया।"]),
        ("كيف حالك؟", ["كيف", "حالك؟"]),
        ("... !!! 🎉", []),
    ],
)
def test_text_is_cut_into_caption_words(text, displays):
    tokens = tokenise(text, "en")

    assert [token.display for token in tokens] == displays


def test_unspaced_script_has_nothing_after_its_tokens():
    tokens = tokenise("你好 世界", "zh")

    assert [(token.display, token.after) for token in tokens] == [("你", ""), ("好", " "), ("世", ""), ("界", "")]


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_comes_back_whole(text):
    if not has_words(text):
        return

    assert _joined(tokenise(text, "en")) == " ".join(text.split())


@given(st.text(alphabet="aB9 .,-—&%$#@'\"(/:½年の。ก็م؟", max_size=40), st.sampled_from(["en", "fr", "zh"]))
@settings(max_examples=200, deadline=None)
def test_every_token_has_something_to_say_and_shows_what_it_did(text, language):
    tokens = tokenise(text, language)

    said = with_spoken(tokens, language)

    assert [token.display for token in said] == [token.display for token in tokens]
    assert all(has_words(token.spoken) or SYMBOLS_SAID & set(token.spoken) for token in said)


def test_words_of_unspaced_scripts_count_by_their_share():
    assert count_words("Two words") == 2
    assert count_words("一二三四五六七八九十") == 6
