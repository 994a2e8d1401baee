"""SubRip and WebVTT: what is written is what is shown, whatever the words are."""

from __future__ import annotations

import pysubs2
import pytest

from apps.pipeline.contracts import CaptionCue
from apps.pipeline.subtitles import shown_text, to_srt, to_vtt

HOSTILE = (
    r"{\an8}top",
    "<b>bold</b>",
    "a --> b",
    "00:00:01,000 --> 00:00:02,000",
    "The record fell from 12:37.35 to 12:35.36.",
    "1:2:3,4 or 1:2:3.4",
    "0:12:37.35 and 12:35,361",
    r"C:\new\Nice\home",
    "R&D &amp; <i>",
    "{=7}dialogue{}",
    "<00:00:01.000>",
    r"\N\h\n",
    "NOTE STYLE WEBVTT",
    "猫 и кошка",
)


def cue(*lines: str, start: float = 0.5, end: float = 2.0) -> CaptionCue:
    return CaptionCue(start, end, lines, 0, 0)


def test_srt_has_numbers_times_and_lines() -> None:
    text = to_srt([cue("One line,", "and another."), cue("Then.", start=3_725.0409, end=3_726.5)])

    assert text == (
        "1\n00:00:00,500 --> 00:00:02,000\nOne line,\nand another.\n\n2\n01:02:05,040 --> 01:02:06,500\nThen.\n\n"
    )


def test_vtt_has_its_header_and_escapes() -> None:
    text = to_vtt([cue("R&D <b>x</b> --> y")])

    assert text == ("WEBVTT\n\n1\n00:00:00.500 --> 00:00:02.000\nR&amp;D &lt;b&gt;x&lt;/b&gt; --&gt; y\n\n")


@pytest.mark.parametrize("line", HOSTILE)
@pytest.mark.parametrize(("write", "kind"), [(to_srt, "srt"), (to_vtt, "vtt")])
def test_hostile_words_are_shown_as_themselves(line: str, write, kind: str) -> None:
    parsed = pysubs2.SSAFile.from_string(write([cue(line, "second"), cue("after", start=3, end=4)]), format_=kind)

    assert [shown_text(event.text, kind) for event in parsed] == [f"{line}\nsecond", "after"]


@pytest.mark.parametrize(("write", "kind"), [(to_srt, "srt"), (to_vtt, "vtt")])
def test_number_alone_on_the_last_line_is_shown(write, kind: str) -> None:
    parsed = pysubs2.SSAFile.from_string(write([cue("The year was", "1998")]), format_=kind)

    assert [shown_text(event.text, kind) for event in parsed] == ["The year was\n1998"]


@pytest.mark.parametrize("line", HOSTILE)
def test_players_find_no_command_in_srt(line: str) -> None:
    text = to_srt([cue(line)])

    body = text.splitlines()[2]
    assert not any(command in body for command in ("{\\", "<b", "<i", "</", "<0", "-->"))
