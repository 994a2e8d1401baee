"""The checked-in table of answers: reading it, writing it, and finding the row of an address."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable
from pathlib import Path

from tests.access.world import ACTORS, METHODS

TABLE = Path(__file__).with_name("matrix.csv")
Answers = tuple[str, ...]


def rows() -> list[dict[str, str]]:
    """Return the table's rows. A star in a pattern stands for any app or model of the admin."""
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


def expected(table: list[dict[str, str]], pattern: str, method: str) -> Answers | None:
    """Return what the actors are answered, the exact row before one with stars; None when there is no row."""
    fitting = [
        row for row in table if method in row["methods"].split() and row["pattern"] in (pattern, general(pattern))
    ]
    fitting.sort(key=lambda row: row["pattern"] != pattern)
    return tuple(fitting[0][actor] for actor in ACTORS) if fitting else None


def general(pattern: str) -> str:
    """Return the pattern under which an address of the admin may share its row with those of other models."""
    return re.sub(r"^admin/[a-z_0-9]+/[a-z_0-9]+/", "admin/*/*/", pattern)


def write(found: dict[tuple[str, str], Answers]) -> None:
    """Write the table anew from what was answered, a row for the methods that are answered alike."""
    with TABLE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["pattern", "methods", *ACTORS])
        for pattern, answers in _shared(found).items():
            for methods, answer in _alike(answers):
                writer.writerow([pattern, " ".join(methods), *answer])


def _shared(found: dict[tuple[str, str], Answers]) -> dict[str, dict[str, Answers]]:
    """Group by pattern, and let the commonest answers of an admin pattern stand for all models that give them."""
    by_pattern: dict[str, dict[str, Answers]] = {}
    for (pattern, method), answer in found.items():
        by_pattern.setdefault(pattern, {})[method] = answer
    groups: dict[str, list[str]] = {}
    for pattern in by_pattern:
        groups.setdefault(general(pattern), []).append(pattern)
    kept: dict[str, dict[str, Answers]] = {}
    for shared, members in groups.items():
        counted = [by_pattern[member] for member in members]
        common = max(counted, key=counted.count)
        kept |= {member: by_pattern[member] for member in members if by_pattern[member] != common}
        kept[shared] = common
    return dict(sorted(kept.items()))


def _alike(answers: dict[str, Answers]) -> Iterable[tuple[list[str], Answers]]:
    ordered = sorted(answers, key=lambda method: (answers[method], METHODS.index(method)))
    grouped = [(list(group), answer) for answer, group in itertools.groupby(ordered, key=answers.__getitem__)]
    return sorted(grouped, key=lambda pair: METHODS.index(pair[0][0]))
