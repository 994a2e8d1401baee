"""Names and titles within sentences of ours."""

from __future__ import annotations

import pytest

from canvascast.plain_text import one_line


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
