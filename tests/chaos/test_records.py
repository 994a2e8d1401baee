"""What fails outside of a scenario's block is told too: its own line says that it held."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.chaos.records import Tally

TOLD = {"goal": "R1", "scenario": "tests/a.py", "held": False, "checks": 1, "passed": 0, "failed": 1, "skipped": 0}


def report_of(outcome: str, when: str, *held: bool) -> pytest.TestReport:
    properties = [("held", each) for each in held]
    return pytest.TestReport("tests/a.py::a", ("", 0, ""), {}, outcome, None, when, user_properties=properties)


@pytest.mark.parametrize(
    ("report", "lines"),
    [
        (report_of("failed", "call", True), [TOLD]),
        (report_of("failed", "call", True, False), []),
        (report_of("failed", "setup"), [TOLD]),
        (report_of("passed", "call", True), []),
        (report_of("skipped", "setup"), []),
    ],
    ids=["failed outside", "failed inside", "never begun", "held", "skipped"],
)
def test_failure_that_no_scenario_tells_of_is_told(tmp_path: Path, report: pytest.TestReport, lines: list[dict]):
    results = tmp_path / "results.jsonl"
    results.touch()
    marks = [pytest.mark.goal("R1").mark]
    test = SimpleNamespace(nodeid=report.nodeid, fixturenames=("scenario",), iter_markers=lambda name: marks)
    tally = Tally(SimpleNamespace(getoption=lambda name: results))
    tally.pytest_collection_modifyitems([test])

    tally.pytest_runtest_logreport(report)
    tally.pytest_sessionfinish()

    assert [json.loads(line) for line in results.read_text().splitlines()] == lines
