"""Caption cues: line lengths, reading speed, borders, and no word lost."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.pipeline.contracts import CaptionCue, Word
from apps.pipeline.text.cues import build_cues

SENTENCE = (
    "A cat purrs when it is happy, when it is hungry, and sometimes when it is hurt. "
    "Nobody knows exactly why. The sound comes from muscles in the throat that twitch many times a second."
)


def words_of(text: str, seconds_per_word: float = 0.4, scene_id: str = "s1", begin: float = 0.0) -> list[Word]:
    texts = text.split()
    times = [begin + index * seconds_per_word for index in range(len(texts) + 1)]
    return [Word(shown, start, end, 1.0, scene_id) for shown, (start, end) in zip(texts, pairwise(times), strict=True)]


def cues_of(words: list[Word], pause: float = 0.35) -> tuple[CaptionCue, ...]:
    ends = {word.scene_id: word.end + pause for word in words}
    return build_cues(words, ends)


def test_lines_break_at_phrases_and_stay_even() -> None:
    cues = cues_of(words_of(SENTENCE))

    assert [cue.lines for cue in cues] == [
        ("A cat purrs when it is happy, when it is", "hungry, and sometimes when it is hurt."),
        ("Nobody knows exactly why.",),
        ("The sound comes from muscles in the", "throat that twitch many times a second."),
    ]


def test_short_text_is_one_line() -> None:
    assert [cue.lines for cue in cues_of(words_of("Cats purr."))] == [("Cats purr.",)]


def test_cue_stays_into_the_pause_for_at_least_a_second() -> None:
    (cue,) = cues_of(words_of("Yes.", 0.3), pause=2.0)

    assert (cue.start, cue.end) == (0.0, 1.0)


def test_cue_ends_with_the_audio_where_there_is_no_more_time() -> None:
    (cue,) = cues_of(words_of("Yes.", 0.3), pause=0.1)

    assert cue.end == pytest.approx(0.4)


def test_cue_too_short_for_its_text_starts_in_the_pause_before() -> None:
    words = [*words_of("Well then.", 0.5), *words_of("Extraordinary differences.", 0.6, begin=3.0)]

    cues = cues_of(words, pause=0.0)

    assert [(round(cue.start, 2), round(cue.end, 2)) for cue in cues] == [(0.0, 1.25), (2.67, 4.2)]


def test_cues_do_not_cross_scenes() -> None:
    words = [*words_of("One two", scene_id="s1"), *words_of("three four", scene_id="s2", begin=1.0)]

    cues = build_cues(words, {"s1": 1.0, "s2": 2.2})

    assert [(cue.lines, cue.first_word, cue.last_word) for cue in cues] == [
        (("One two",), 0, 1),
        (("three four",), 2, 3),
    ]
    assert cues[0].end <= 1.0 <= cues[1].start


def test_word_longer_than_a_line_stands_alone_in_it() -> None:
    monster = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"

    cues = cues_of(words_of(f"Das {monster} war es."))

    assert [line for cue in cues for line in cue.lines if monster in line] == [monster]


def test_han_lines_hold_twenty_characters() -> None:
    text = "猫会因为很多原因发出呼噜声大多数人认为这意味着它很高兴而且往往是真的但是猫在害怕受伤的时候也会"
    words = [Word(sign, i * 0.25, i * 0.25 + 0.25, 1.0, "s1", "") for i, sign in enumerate(text)]

    cues = cues_of(words)

    assert max(len(line) for cue in cues for line in cue.lines) <= 20
    assert "".join(line for cue in cues for line in cue.lines) == text


@pytest.mark.parametrize("seconds_per_word", [0.33, 0.4, 0.5, 1.0])
def test_text_at_a_readable_pace_never_exceeds_17_characters_a_second(seconds_per_word: float) -> None:
    cues = cues_of(words_of(" ".join([SENTENCE] * 5), seconds_per_word))

    assert max(len("\n".join(cue.lines)) / (cue.end - cue.start) for cue in cues) <= 17.0


_WORD = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=50)
_SPOKEN = st.tuples(
    _WORD, st.floats(0.01, 2.0), st.floats(0.0, 1.5), st.sampled_from([" ", " ", " ", ""]), st.booleans()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_SPOKEN, min_size=1, max_size=60))
def test_any_words_come_out_whole_in_order_and_in_time(spoken: list[tuple[str, float, float, str, bool]]) -> None:
    words = _placed(spoken)
    ends = {word.scene_id: word.end + 0.2 for word in words}

    cues = build_cues(words, ends)

    assert [index for cue in cues for index in range(cue.first_word, cue.last_word + 1)] == list(range(len(words)))
    for cue in cues:
        own = words[cue.first_word : cue.last_word + 1]
        assert "".join("".join(cue.lines).split()) == "".join("".join(word.text for word in own).split())
        assert len(cue.lines) in (1, 2)
        assert {word.scene_id for word in own} == {own[0].scene_id}
        assert all(len(line) <= 42 or line in {word.text for word in own} for line in cue.lines)
        assert 0 <= cue.start < cue.end <= ends[own[0].scene_id]
        assert cue.start <= own[0].start + 1e-9
    for before, after in pairwise(cues):
        gap = after.start - before.end
        assert gap == 0 or gap >= 2 / 30 - 1e-9


def _placed(spoken: list[tuple[str, float, float, str, bool]]) -> list[Word]:
    words: list[Word] = []
    moment, scene = 0.0, 0
    for text, seconds, pause, after, ends_scene in spoken:
        words.append(Word(text, moment, moment + seconds, 1.0, f"s{scene}", after))
        moment += seconds + pause + 0.2 * ends_scene
        scene += ends_scene
    return words


def test_list_items_without_a_full_stop_get_cues_of_their_own() -> None:
    words = words_of("Fresh bread and butter A glass of cold milk", 0.5)
    words[3] = replace(words[3], closes=True)

    assert [cue.lines for cue in cues_of(words)] == [("Fresh bread and butter",), ("A glass of cold milk",)]
