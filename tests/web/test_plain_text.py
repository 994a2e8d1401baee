"""Names and titles within sentences of ours."""

from __future__ import annotations

import pytest

from canvascast.plain_text import one_line, without_controls
from tests.promptness import taken


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Cats \u202egnp.exe", "Cats gnp.exe"),
        ("a\u202ab\u202bc\u202cd\u202d", "abcd"),
        ("a\u2066b\u2067c\u2068d\u2069", "abcd"),
        ("one\r\n two\tthree\u2028four ", "one two three four"),
        ("bell\x07 \x1b[31mred", "bell [31mred"),
        ("لماذا تخرخر القطط\u200f؟", "لماذا تخرخر القطط\u200f؟"),
        ("می\u200cخواهم 👩‍🚀", "می\u200cخواهم 👩‍🚀"),
        ("\u202e\u2069", ""),
    ],
)
def test_name_turns_nothing_round_that_stands_beside_it(typed, kept):
    assert one_line(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("cafe\u0301 ", "café"),
        ("e\x00\u0301", "é"),
        ("q\u0302\u0323", "q\u0323\u0302"),
        ("a" + "\u0315" * 31 + "b", "a" + "\u0315" * 30 + "b"),
        ("one\r\ntwo\rthree\ud800\ue000", "one\ntwo\nthree"),
    ],
)
def test_text_is_kept_as_it_is_composed_but_for_what_nobody_writes(typed, kept):
    assert without_controls(typed) == kept


@pytest.mark.goal("S2")
@pytest.mark.parametrize("piece", ["\u0315\u0300", "x", "e\u0301", "\n", "\ufdfa", "\ud800", "\u0344", "\u1100\u1161"])
def test_megabyte_of_anything_is_read_soon(piece):
    with taken() as time:
        without_controls(piece * (1_000_000 // len(piece.encode("utf-8", "surrogatepass"))))

    assert time.is_prompt, time
