"""Which words stand on the screen together, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.pipeline.contracts import CAPTION_STYLES, CaptionBlock
from apps.pipeline.timeline.blocks import ROOMS, Room, TimedWord, caption_blocks

WIDE = ROOMS["boxed"]["16:9"]


def spoken(text: str, *, seconds: float = 0.3, gaps: dict[int, float] | None = None) -> list[TimedWord]:
    """Words of equal length, with silence after the words numbered in `gaps`."""
    words, at = [], 0.0
    for index, word in enumerate(text.split()):
        words.append(TimedWord(word, " ", at, at + seconds))
        at += seconds + (gaps or {}).get(index, 0.0)
    return words


def texts(blocks: tuple[CaptionBlock, ...]) -> list[str]:
    return [" ".join(word.text for word in block.words) for block in blocks]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("boxed", ["When the sun goes down, the cats of this old town come out to sing."]),
        ("karaoke", ["When the sun goes down,", "the cats of this old", "town come out to sing."]),
        (
            "big_word",
            ["When the sun", "goes down,", "the cats", "of this old", "town come", "out to sing."],
        ),
    ],
)
def test_each_style_holds_its_own_number_of_words(style: str, expected: list[str]) -> None:
    words = spoken("When the sun goes down, the cats of this old town come out to sing.")

    blocks = caption_blocks(words, 0, 600, ROOMS[style]["16:9"])

    assert texts(blocks) == expected


def test_sentence_end_and_long_pause_end_a_block() -> None:
    blocks = caption_blocks(spoken("It rains. Cats stay in their beds", gaps={3: 0.4}), 0, 300, WIDE)

    assert texts(blocks) == ["It rains.", "Cats stay", "in their beds"]


def test_short_pause_does_not_end_a_block() -> None:
    blocks = caption_blocks(spoken("Cats stay in their beds", gaps={1: 0.3}), 0, 300, WIDE)

    assert texts(blocks) == ["Cats stay in their beds"]


def test_highlight_passes_to_the_next_word_when_it_starts() -> None:
    (block,) = caption_blocks(spoken("Cats stay in", gaps={0: 0.2}), 0, 300, WIDE)

    assert [(word.start_frame, word.end_frame) for word in block.words] == [(0, 15), (15, 24), (24, 33)]


def test_block_stays_a_moment_after_its_last_word() -> None:
    (block,) = caption_blocks(spoken("Cats stay"), 0, 300, WIDE)

    assert (block.start_frame, block.words[-1].end_frame, block.end_frame) == (0, 18, 27)


def test_block_stays_until_its_successor_when_the_gap_would_blink() -> None:
    first, second = caption_blocks(spoken("Cats stay. Dogs run.", gaps={1: 0.45}), 0, 300, WIDE)

    assert first.end_frame == second.start_frame == 32


def test_block_is_cut_at_the_end_of_its_segment() -> None:
    (block,) = caption_blocks(spoken("Cats stay"), 0, 20, WIDE)

    assert block.end_frame == 20


def test_wide_characters_count_twice() -> None:
    words = [
        TimedWord(character, "", index * 0.2, index * 0.2 + 0.2) for index, character in enumerate("猫在月光下睡觉")
    ]

    assert len(caption_blocks(words, 0, 90, Room(columns=8, words=20))) == 2


timed = st.lists(
    st.tuples(st.text("abc.,!? 日本", min_size=1, max_size=12), st.floats(0, 1.5), st.floats(0.02, 1)), max_size=40
)


@given(timed, st.sampled_from(CAPTION_STYLES), st.sampled_from(["16:9", "9:16", "1:1"]))
def test_any_speech_shows_every_word_once_in_order_without_overlap(speech: list, style: str, shape: str) -> None:
    words, at = [], 0.0
    for text, gap, length in speech:
        words.append(TimedWord(text, " ", at + gap, at + gap + length))
        at += gap + length
    end = 100 + round(at * 30) + len(words)

    blocks = caption_blocks(
        [TimedWord(w.text, w.after, w.start + 10 / 3, w.end + 10 / 3) for w in words], 100, end, ROOMS[style][shape]
    )

    assert [word.text for block in blocks for word in block.words] == [word.text for word in words]
    moments = [100]
    for block in blocks:
        for word in block.words:
            assert moments[-1] <= word.start_frame < word.end_frame <= block.end_frame
            moments.append(word.end_frame)
        assert block.start_frame == block.words[0].start_frame
        moments.append(block.end_frame)
    assert moments[-1] <= end


@given(timed, st.integers(1, 30))
def test_more_words_than_frames_still_stay_inside_the_segment(speech: list, frames: int) -> None:
    words = [TimedWord(text, " ", 0.0, 0.1) for text, _, _ in speech]

    blocks = caption_blocks(words, 0, frames, WIDE)

    assert all(0 <= word.start_frame <= frames for block in blocks for word in block.words)
