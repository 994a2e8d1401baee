"""The embedded writer: honest, readable, of the length that was asked for."""

import re

import pytest

from apps.pipeline.contracts import NICHES
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.writer.base import NarrationRequest, SceneBriefing
from apps.pipeline.providers.writer.sample import SampleWriter
from apps.pipeline.providers.writer.topic import find_topic
from apps.pipeline.text.speaking import average_words

ARTICLE = """# Honey

Honey is a sweet food made by bees. Bees collect nectar from flowers and carry it to the hive in a special stomach.
Inside the hive, worker bees pass the nectar from mouth to mouth. This adds enzymes that break down the sugars.

The bees then spread the nectar over the comb and fan it with their wings. The water evaporates until less than 18%
remains. When the honey is ready, the bees seal each cell with wax. Honey is a sweet food that is made by bees.

Honey keeps for a very long time. It contains little water, it is acid, and it holds some hydrogen peroxide. However,
the claim is hard to check. A hive may store 30 kg in a good summer. Beekeepers take some and leave the rest."""


def _narrate(prompt, niche="explainer", target_words=75, language="en", seed=0):
    return SampleWriter().narrate(NarrationRequest(prompt, niche, target_words, language, seed))


def _sentences(paragraphs):
    return [sentence for text in paragraphs for sentence in re.split(r"(?<=[.?!]) ", text)]


@pytest.mark.parametrize(
    ("prompt", "phrase", "title"),
    [
        ("Why do cats purr?", "why cats purr", "Why Do Cats Purr?"),
        ("Why does the sky look blue?", "why the sky looks blue", "Why Does the Sky Look Blue?"),
        ("Why is the sky blue?", "why the sky is blue", "Why Is the Sky Blue?"),
        ("Why did Rome fall?", "why Rome fell", "Why Did Rome Fall?"),
        ("Why don't penguins fly?", "why penguins don't fly", "Why Don't Penguins Fly?"),
        ("Why does honey never spoil?", "why honey never spoils", "Why Does Honey Never Spoil?"),
        ("How do I start investing?", "how to start investing", "How Do I Start Investing?"),
        ("What are black holes?", "black holes", "What Are Black Holes?"),
        ("What causes tides?", "what causes tides", "What Causes Tides?"),
        ("What if the Moon disappeared?", "what would happen if the Moon disappeared", "What If the Moon Disappeared?"),
        ("How far is the Moon?", "how far the Moon is", "How Far Is the Moon?"),
        ("Is coffee good for you?", "whether coffee is good for you", "Is Coffee Good for You?"),
        ("Should I invest in gold?", "whether to invest in gold", "Should I Invest in Gold?"),
        ("Make a video about the history of coffee", "the history of coffee", "The History of Coffee"),
        ("Please write a 30 second script about getting up early", "getting up early", "Getting Up Early"),
        ("Explain compound interest", "compound interest", "Compound Interest"),
        ("Tell me about Napoleon", "Napoleon", "Napoleon"),
        ("5 facts about octopuses", "octopuses", "5 Facts About Octopuses"),
        ("Never give up", "why you should never give up", "Never Give Up"),
        ("Discipline", "discipline", "Discipline"),
        ("x", "x", "X"),
        ("Why the sky is blue", "why the sky is blue", "Why the Sky Is Blue"),
        ("How come the sea is salty?", "why the sea is salty", "Why the Sea Is Salty?"),
        ("Who is afraid of AI?", "who is afraid of AI", "Who Is Afraid of AI?"),
        ("Who was Ada Lovelace?", "Ada Lovelace", "Who Was Ada Lovelace?"),
        ("What's the point of stoicism?", "the point of stoicism", "What Is the Point of Stoicism?"),
        ("Which planet is the hottest?", "which planet is the hottest", "Which Planet Is the Hottest?"),
        ("Why do we dream and what does it mean?", "why we dream", "Why Do We Dream?"),
    ],
)
def test_topic_fits_into_a_sentence(prompt, phrase, title):
    topic = find_topic(prompt)

    assert (topic.phrase, topic.title) == (phrase, title)


@pytest.mark.parametrize("niche", NICHES)
@pytest.mark.parametrize("target_words", [60, 75, 90, 150, 225, 300, 450, 540])
def test_outline_reaches_the_length_without_saying_anything_twice(niche, target_words):
    for seed, prompt in enumerate(("Why do cats purr?", "Discipline", "The history of coffee and tea in Europe")):
        draft = _narrate(prompt, niche, target_words, seed=seed)

        words = average_words(" ".join(draft.paragraphs), "en")
        sentences = _sentences(draft.paragraphs)
        assert abs(words - target_words) <= target_words * 0.1
        assert len(sentences) == len(set(sentences))
        assert "{" not in " ".join(draft.paragraphs)


@pytest.mark.parametrize("niche", NICHES)
def test_outline_beyond_its_material_stops_short(niche):
    draft = _narrate("Why do cats purr?", niche, 1_500)

    words = len(" ".join(draft.paragraphs).split())
    assert 700 <= words <= 950


def test_outline_says_that_a_sample_writer_wrote_it():
    draft = _narrate("Why do cats purr?")

    assert draft.title == "Why Do Cats Purr?"
    assert draft.description == (
        "A guide to thinking about why cats purr. "
        "A sample writer wrote it: it asks good questions and states no facts about the topic."
    )


def test_outline_names_its_topic():
    assert "why cats purr" in " ".join(_narrate("Why do cats purr?").paragraphs)


def test_finance_outline_says_it_is_no_advice():
    for seed in range(9):
        assert "advice" in _narrate("Gold", "finance", seed=seed).paragraphs[0]


def test_seed_changes_the_phrasing_and_repeats_it():
    drafts = {_narrate("Why do cats purr?", seed=seed).paragraphs for seed in range(6)}

    assert len(drafts) > 3
    assert _narrate("Why do cats purr?", seed=4) == _narrate("Why do cats purr?", seed=4)


@pytest.mark.parametrize("target_words", [50, 60, 75, 90])
def test_article_is_told_in_its_own_sentences_and_order(target_words):
    draft = _narrate(ARTICLE, "science", target_words)

    told = _sentences(draft.paragraphs)
    own = _sentences([" ".join(ARTICLE.removeprefix("# Honey").split())])
    assert draft.title == "Honey"
    assert [own.index(sentence) for sentence in told] == sorted(own.index(sentence) for sentence in told)
    assert abs(average_words(" ".join(draft.paragraphs), "en") / target_words - 1) <= 0.1


def test_short_article_is_told_whole_but_for_the_sentence_said_twice():
    draft = _narrate(ARTICLE, "science", 400)

    told = " ".join(draft.paragraphs)
    assert len(told.split()) == 122
    assert "that is made by bees" not in told


def test_sentence_that_leans_on_another_is_not_told_alone():
    for target_words in range(30, 110, 8):
        told = " ".join(_narrate(ARTICLE, "science", target_words).paragraphs)
        assert ("However," not in told) or "hydrogen peroxide. However," in told


def test_short_prompt_in_another_language_is_told_as_it_stands():
    text = "Le miel est un aliment sucré. Les abeilles le fabriquent."

    assert _narrate(text, language="fr").paragraphs == (text,)


def test_chinese_prompt_is_told_without_spaces():
    text = "蜂蜜是一种甜的食物。蜜蜂用花蜜制作它。"

    assert _narrate(text, language="zh").paragraphs == (text,)


def test_too_short_a_prompt_in_another_language_is_refused():
    with pytest.raises(Rejected) as refused:
        _narrate("Les chats", language="fr")

    assert refused.value.sentence == (
        "The sample writer makes up text in English only. Paste a few full sentences in your language, "
        "or choose English."
    )


def test_scenes_are_described_by_their_own_words():
    texts = ("The bees then spread the nectar over the comb, and fan it.", "Honey keeps for years.")

    notes = SampleWriter().describe(SceneBriefing("", texts, "science", "en", "", 1))

    first = notes.scenes[0]
    assert (first.title, first.caption) == (
        "Bees Then Spread the Nectar",
        "The bees then spread the nectar over the comb",
    )
    assert first.image_prompt.startswith("bees, nectar, comb, fan; ")
    assert notes.title == "Bees Then Spread the Nectar"
    assert notes.description == "The bees then spread the nectar over the comb, and fan it. Honey keeps for years."


@pytest.mark.parametrize(
    "text", ["نحل وعسل في الخلية", "蜂蜜是一种由蜜蜂制作的甜的食物很多人都喜欢它", "Одна пчела — мало.", "12"]
)
def test_scene_of_any_script_gets_a_short_title_and_caption(text):
    note = SampleWriter().describe(SceneBriefing("", (text,), "facts", "und", "", 1)).scenes[0]

    assert note.title
    assert len(note.title.split()) <= 6
    assert len(note.caption.split()) <= 10
    assert note.image_prompt
