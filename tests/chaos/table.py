"""Put what the last run of `make chaos` measured into the table of docs/reliability.md.

Usage: python -m tests.chaos.table RESULTS DOCUMENT. A goal of which the results say nothing keeps its old cell.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.chaos.goals import GOALS, Goal

_BEGIN, _END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
_HEAD = "| | what happens | asked | measured | held |\n|---|---|---|---|---|\n"
_OUTLINE = ("goal", "scenario", "size", "seed", "held", "why", "seconds")

Line = dict[str, Any]  # Any: figures as the scenario noted them


def table(lines: Iterable[Line], known: Mapping[str, str]) -> str:
    """Return the table: a row for each goal, from `lines` or, where they are silent, as it stands in `known`."""
    by_goal: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_goal[line["goal"]].append(line)
    rows = [_row(goal, by_goal[goal.id]) if by_goal[goal.id] else known.get(goal.id, _bare(goal)) for goal in GOALS]
    return _HEAD + "".join(rows)


def rewrite(document: Path, lines: Iterable[Line]) -> None:
    """Exchange the table between the document's marks."""
    before, _, rest = document.read_text().partition(_BEGIN)
    old, _, after = rest.partition(_END)
    known = {row.split("|")[1].strip(): f"{row}\n" for row in old.splitlines()[2:]}
    document.write_text(before + _BEGIN + table(lines, known) + _END + after)


def _row(goal: Goal, lines: list[Line]) -> str:
    held = "yes" if all(line["held"] for line in lines) else "**no**"
    return f"| {goal.id} | {goal.what} | {goal.asked} | {'; '.join(_measured(lines))} | {held} |\n"


def _bare(goal: Goal) -> str:
    return f"| {goal.id} | {goal.what} | {goal.asked} | not measured | |\n"


def _measured(lines: list[Line]) -> list[str]:
    scenarios = [line for line in lines if "checks" not in line]
    told = [_told(line, is_named=len(scenarios) > 1) for line in scenarios]
    checks = [line for line in lines if "checks" in line]
    if checks:
        counts = {key: sum(line[key] for line in checks) for key in ("checks", "failed", "skipped")}
        noteworthy = [f"{number} {key}" for key, number in counts.items() if number and key != "checks"]
        told.append(", ".join([f"{counts['checks']} checks", *noteworthy]))
    return told


def _told(line: Line, *, is_named: bool) -> str:
    figures = ", ".join(_figure(name, value) for name, value in line.items() if name not in _OUTLINE)
    name = f"{line['scenario']}: " if is_named else ""
    shortfall = "" if line["held"] or not is_named else " (fell short)"
    return f"{name}{figures or 'no figure'} in {line['seconds']:g} s{shortfall}"


def _figure(name: str, value: object) -> str:
    words, unit = name.replace("_", " "), ""
    for suffix, short in ((" seconds", " s"), (" bytes", " B"), (" milliseconds", " ms")):
        if words.endswith(suffix):
            words, unit = words.removesuffix(suffix), short
    shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else f"{value}"
    return f"{words} {shown}{unit}"


if __name__ == "__main__":
    results, document = map(Path, sys.argv[1:])
    rewrite(document, [json.loads(line) for line in results.read_text().splitlines()])
