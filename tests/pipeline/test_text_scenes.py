"""Scenes: one picture each, of a length a picture can carry."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.pipeline.text.narration import read_paragraphs
from apps.pipeline.text.scenes import estimate_seconds, split_scenes

ARTICLE = (
    "Honey is a sweet food made by bees. Bees collect nectar from flowers and carry it to the hive in a stomach of its "
    "own. "
    "Inside the hive, workers pass the nectar from mouth to mouth. "
    "This adds enzymes that break down the sugars.\n\n"
    "Short one.\n\n"
    "The bees then spread the nectar over the comb and fan it with their wings, the water evaporates, and what stays "
    "behind is thick, golden, sour to germs, and so dry that hardly anything can live in it for as long as it is "
    "sealed."
)


def _split(text, words_per_minute=150, language="en"):
    return split_scenes(read_paragraphs(text, language), words_per_minute)


def _text(scene):
    return "".join(token.display + token.after for token in scene.tokens).strip()


def test_article_splits_at_sentences_and_long_sentences_at_commas():
    scenes = _split(ARTICLE)

    assert [(_text(scene), scene.ends_paragraph) for scene in scenes] == [
        (
            "Honey is a sweet food made by bees. "
            "Bees collect nectar from flowers and carry it to the hive in a stomach of its own.",
            False,
        ),
        (
            "Inside the hive, workers pass the nectar from mouth to mouth. "
            "This adds enzymes that break down the sugars. Short one.",
            True,
        ),
        (
            "The bees then spread the nectar over the comb and fan it with their wings, the water evaporates, "
            "and what stays behind is thick,",
            False,
        ),
        ("golden, sour to germs, and so dry that hardly anything can live in it for as long as it is sealed.", True),
    ]


def test_sentence_that_fits_a_scene_is_never_broken():
    text = "A lighthouse stands on the cliff above the grey sea. In 1998, it cost $3.5 million to repair! "
    text += "Sailors trust its light, even in the worst storms."

    assert [_text(scene)[-1] for scene in _split(text)] == [".", "."]


@given(
    st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=6), min_size=1, max_size=4),
    st.sampled_from([90, 150, 240, 360]),
)
@settings(max_examples=60, deadline=None)
def test_every_word_stays_in_order_and_every_scene_lasts_3_to_15_seconds(shape, words_per_minute):
    paragraphs = [" ".join(" ".join(["word"] * length) + "." for length in sentences) for sentences in shape]
    text = "\n\n".join(paragraphs)

    scenes = _split(text, words_per_minute)

    assert " ".join(_text(scene) for scene in scenes) == " ".join(text.split())
    total = sum(scene.seconds for scene in scenes)
    assert all(scene.seconds <= 15 for scene in scenes)
    assert all(scene.seconds >= 3 for scene in scenes) or total < 7


def test_text_under_three_seconds_is_one_scene():
    assert [_text(scene) for scene in _split("Hello there.")] == ["Hello there."]


def test_chinese_splits_at_its_own_stops():
    text = "蜂蜜是一种由蜜蜂制作的甜的食物，很多人都喜欢它。蜜蜂从花朵里收集花蜜，然后把它带回家里的蜂巢。"

    scenes = _split(text, language="zh")

    assert "".join(_text(scene) for scene in scenes) == text
    assert [_text(scene)[-1] for scene in scenes] == ["。", "。"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("Ten small words stand here in a row until now.", 3.96), ("In 1998 it cost $3.5m.", 4.31)]
)
def test_estimate_counts_spoken_words_and_pauses(text, seconds):
    (tokens,) = read_paragraphs(text, "en")

    assert estimate_seconds(tokens, 150) == seconds
