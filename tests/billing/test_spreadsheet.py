"""The history as a file: every movement in order, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from apps.billing import queries
from apps.billing.queries import Movement
from apps.billing.spreadsheet import as_text, csv_lines
from tests.billing.moves import give, hold

pytestmark = pytest.mark.django_db


def test_file_is_utf8_with_a_head_and_a_line_a_movement():
    movement = Movement(
        seq=1,
        at=datetime(2026, 5, 4, 12, 30, 1, tzinfo=UTC),
        kind="RESERVE",
        text="“Why “cats”, purr” — set aside",
        credits=-12,
        amount="−12",
        balance=8,
        job_id=None,
        project_id=None,
        title="",
    )

    assert list(csv_lines([movement])) == [
        "\ufeffTime (UTC),What,Credits,Balance\r\n",
        '2026-05-04 12:30:01,"“Why “cats”, purr” — set aside",-12,8\r\n',
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_begins_like_a_formula_is_kept_as_text(sign):
    assert as_text(f"{sign}HYPERLINK(1)") == f"'{sign}HYPERLINK(1)"


@pytest.mark.parametrize("text", ["", "Bought 10 credits", "“=1+1” — set aside", "'=1"])
def test_other_text_is_left_as_it_is(text):
    assert as_text(text) == text


def test_whole_history_is_one_query_from_the_first_movement_on(owner, staff, django_assert_num_queries):
    give(owner, 20)
    give(staff, 5)
    hold(owner, 12)

    with django_assert_num_queries(1):
        moves = list(queries.whole_history(owner.pk))

    assert [(move.seq, move.credits, move.balance) for move in moves] == [(1, 20, 20), (2, -12, 8)]


def test_hostile_title_reads_back_as_one_cell(owner):
    give(owner, 20)
    hold(owner, 12, title='=cmd|" /C calc"!A0,\nx')

    rows = list(csv.reader(StringIO("".join(csv_lines(queries.whole_history(owner.pk))))))

    assert rows[2][1] == '“=cmd|" /C calc"!A0,\nx” — set aside'
