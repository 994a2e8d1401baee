"""The document says what the run showed, also where it fell short, and keeps what the run was silent about."""

from __future__ import annotations

from pathlib import Path

from canvascast.env import ROOT
from tests.chaos.goals import GOALS
from tests.chaos.table import rewrite

FELL_SHORT = {"goal": "R1", "scenario": "kills", "size": "full", "seed": 1, "held": False, "seconds": 61.5}


def rows_of(document: Path) -> dict[str, list[str]]:
    rows = [line.split("|") for line in document.read_text().splitlines() if line.startswith("| ")]
    return {cells[1].strip(): [cell.strip() for cell in cells[4:6]] for cells in rows[1:]}


def document_with(folder: Path, *lines: dict) -> Path:
    document = folder / "reliability.md"
    if not document.exists():
        document.write_text("# Words\n<!-- measured: begin -->\n<!-- measured: end -->\nMore words\n")
    rewrite(document, lines)
    return document


def test_scenario_that_fell_short_is_told_with_its_figures(tmp_path: Path):
    document = document_with(tmp_path, {**FELL_SHORT, "kills": 1500, "recovery_p99_seconds": 4.2})

    assert rows_of(document)["R1"] == ["kills 1,500, recovery p99 4.2 s in 61.5 s", "**no**"]
    assert rows_of(document)["R2"] == ["not measured", ""]
    assert document.read_text().endswith("<!-- measured: end -->\nMore words\n")


def test_goal_of_which_a_run_says_nothing_keeps_its_row(tmp_path: Path):
    checks = {"scenario": "tests/a.py", "held": True, "checks": 3, "passed": 3, "failed": 0, "skipped": 0}
    document_with(tmp_path, {**FELL_SHORT, "kills": 7})

    document = document_with(tmp_path, {"goal": "S1", **checks}, {"goal": "S1", **checks, "skipped": 1})

    assert rows_of(document)["R1"] == ["kills 7 in 61.5 s", "**no**"]
    assert rows_of(document)["S1"] == ["6 checks, 1 skipped", "yes"]


def test_document_of_the_product_has_a_row_for_every_goal():
    assert set(rows_of(ROOT / "docs" / "reliability.md")) == {goal.id for goal in GOALS}
