"""Chapters pass YouTube's rules or say why there are none; what is pasted there is within its limits."""

from __future__ import annotations

import itertools
import re

import pysubs2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.pipeline.packaging.chapters import Chapter, Mark, as_lines, as_vtt, chapters_of, clock, why_none
from apps.pipeline.packaging.youtube import description_for, tags_for, title_for

# How long an example takes on a busy machine says nothing about chapters.
at_any_speed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MOMENT = re.compile(r"\d+(?::\d\d)+")


def scenes(*seconds: float, paragraphs: str = "") -> tuple[list[Mark], int]:
    """Scenes of that length each, called a, b, c …; those named in `paragraphs` open one, all without it."""
    marks, start = [], 0
    for name, length in zip("abcdefghijklmnopqrstuvwxyz", seconds, strict=False):
        marks.append(Mark(start, name, not paragraphs or name in paragraphs))
        start += round(length * 1000)
    return marks, start


def lines(*seconds: float, paragraphs: str = "") -> list[str]:
    return as_lines(chapters_of(*scenes(*seconds, paragraphs=paragraphs))).splitlines()


@pytest.mark.parametrize(
    ("seconds", "paragraphs", "expected"),
    [
        ((10, 10, 10), "", ["0:00 a", "0:10 b", "0:20 c"]),
        ((10, 10, 9.9), "", ["0:00 a", "0:10 b"]),
        ((5, 5, 5, 5, 5, 5), "", ["0:00 a", "0:10 c", "0:20 e"]),
        ((7, 7, 7, 7, 7, 7), "", ["0:00 a", "0:14 c", "0:28 e"]),
        ((25, 25, 4), "", ["0:00 a", "0:25 b"]),
        ((60,), "", ["0:00 a"]),
        ((5, 15, 5, 15, 5, 15), "ace", ["0:00 a", "0:20 c", "0:40 e"]),
        ((5, 15, 5, 15, 5, 15), "ae", ["0:00 a", "0:20 c", "0:40 e"]),
        ((30,) * 20, "", [*(f"{clock(60_000 * n)} {'acegikmoqs'[n]}" for n in range(10))]),
        ((12, 12, 156), "", ["0:00 a", "0:12 b", "0:24 c"]),
        ((1800, 1800, 1800), "", ["0:00 a", "30:00 b", "1:00:00 c"]),
    ],
)
def test_scenes_are_gathered_into_chapters(seconds, paragraphs, expected):
    assert lines(*seconds, paragraphs=paragraphs) == expected


@pytest.mark.parametrize(
    ("seconds", "why"),
    [
        ((10, 10, 10), ""),
        ((8, 8, 8), "This video is 24 s long; YouTube wants three chapters of 10 s each."),
        ((10, 10, 9.999), "This video is 29 s long; YouTube wants three chapters of 10 s each."),
        ((40, 40), "The scenes of this video do not part into three chapters of 10 s each, which YouTube wants."),
    ],
)
def test_video_without_chapters_says_why(seconds, why):
    marks, duration_ms = scenes(*seconds)

    assert why_none(chapters_of(marks, duration_ms), duration_ms) == why


@at_any_speed
@given(
    lengths=st.lists(st.integers(200, 90_000), min_size=1, max_size=60),
    paragraphs=st.sets(st.integers(0, 60)),
    titles=st.lists(st.text(max_size=160), min_size=60, max_size=60),
)
def test_chapters_of_any_video_pass_every_rule(lengths, paragraphs, titles):
    starts = [sum(lengths[:number]) for number in range(len(lengths))]
    marks = [Mark(start, titles[n], n == 0 or n in paragraphs) for n, start in enumerate(starts)]
    duration_ms = sum(lengths)

    chapters = chapters_of(marks, duration_ms)
    said = as_lines(chapters).split("\n")

    moments = [MOMENT.match(line).group() for line in said]
    seconds = [_seconds(moment) for moment in moments]
    assert moments[0] == "0:00"
    assert all(later - earlier >= 10 for earlier, later in itertools.pairwise(seconds))
    assert len(chapters) == 1 or duration_ms // 1000 - seconds[-1] >= 10
    assert [MOMENT.findall(line) for line in said] == [[moment] for moment in moments]
    assert all(1 <= len(chapter.title) <= 100 and not set("<>\n") & set(chapter.title) for chapter in chapters)
    assert (why_none(chapters, duration_ms) == "") == (len(chapters) >= 3)


@at_any_speed
@given(lengths=st.lists(st.integers(1, 20), min_size=1, max_size=9))
def test_three_chapters_are_found_wherever_there_are_any(lengths):
    """Against every way to place two borders."""
    borders = [sum(lengths[:number]) for number in range(len(lengths))]
    total = sum(lengths)
    can_be = any(a >= 10 and b - a >= 10 and total - b >= 10 for a in borders for b in borders)

    found = chapters_of([Mark(border * 1000, "x", border == 0) for border in borders], total * 1000)

    assert (len(found) >= 3) == can_be


def test_title_that_reads_as_a_time_or_a_tag_is_written_another_way():
    marks = [Mark(0, "3:10 to <Yuma>\nat noon"), Mark(10_000, " \x00"), Mark(20_000, "x" * 101)]

    titles = [chapter.title for chapter in chapters_of(marks, 30_000)]

    assert titles == ["3∶10 to ‹Yuma› at noon", "Part 2", "x" * 99 + "…"]


def test_track_for_the_player_names_every_chapter_from_start_to_end():
    vtt = as_vtt((Chapter(0, "One & two"), Chapter(10_500, "Three")), 61_967)

    assert vtt.startswith("WEBVTT")
    cues = [(event.start, event.end, event.text) for event in pysubs2.SSAFile.from_string(vtt)]
    assert cues == [(0, 10_500, "One &amp; two"), (10_500, 61_967, "Three")]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Why cats purr", "Why cats purr"),
        ("Is 1 < 2 > 0?", "Is 1 ‹ 2 › 0?"),
        (" two\nlines ", "two lines"),
        ("猫" * 101, "猫" * 99 + "…"),
        ("x" * 100, "x" * 100),
    ],
)
def test_title_is_within_what_youtube_takes(title, expected):
    assert title_for(title) == expected


@pytest.mark.parametrize(
    ("description", "chapters", "expected"),
    [
        ("About cats.", "0:00 Start", "About cats.\n\n0:00 Start"),
        ("About cats.", "", "About cats."),
        ("", "0:00 Start", "0:00 Start"),
        ("The train of 3:10 and <b>cats</b>.", "0:00 Start", "The train of 3∶10 and ‹b›cats‹/b›.\n\n0:00 Start"),
    ],
)
def test_description_has_the_chapters_and_no_other_times(description, chapters, expected):
    assert description_for(description, chapters) == expected


@at_any_speed
@given(st.text(max_size=40).map(lambda text: text * 200), st.text(max_size=40))
def test_description_is_never_longer_than_youtube_takes(description, chapters):
    described = description_for(description, chapters)

    assert len(described.encode()) <= 5_000
    assert described.endswith(chapters)


def _seconds(moment: str) -> int:
    total = 0
    for part in moment.split(":"):
        total = total * 60 + int(part)
    return total


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        ((), ""),
        (("cats", "big cats"), "cats, big cats"),
        (("a, b", "<b>", " "), "a  b, ‹b›"),
        (("x" * 99,) * 6, ", ".join(["x" * 99] * 5)),
        (("y" * 97 + " z",) * 5, ", ".join(["y" * 97 + " z"] * 4)),
    ],
)
def test_tags_are_as_many_as_youtube_takes(tags, line):
    assert tags_for(tags) == line
