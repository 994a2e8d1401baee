"""What a run showed of the goals: one JSON line for each scenario, and for each goal that ordinary tests stand for.

`--goals FILE` collects the lines; without it a scenario's line is printed. `tests.chaos.table` makes the document.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from canvascast.operations.reconcile import reconcile
from tests.chaos.goals import IDS

Figure = float | int | str | None
_WHY_CHARACTERS = 1_000
_HELD = "held"


@dataclass
class Scene:
    """A scenario while it runs: what it measured so far."""

    goal: str
    figures: dict[str, Figure] = field(default_factory=dict)

    def note(self, **figures: Figure) -> None:
        """Write down what was measured; a unit stands at the end of its name (`_seconds`, `_bytes`)."""
        self.figures.update(figures)


def reconcile_all() -> Sequence[object]:
    """Hold I1 to I6, files by their hashes."""
    return reconcile(deep=True)


class Scenarios:
    """Runs scenarios and tells what each one showed, also when it fell short."""

    def __init__(self, test: pytest.Item, capture: pytest.CaptureFixture[str]) -> None:
        self._test = test
        self._capture = capture

    @contextmanager
    def __call__(
        self,
        goal: str,
        name: str,
        *,
        size: str,
        seed: int | None = None,
        broken: Callable[[], Sequence[object]] = reconcile_all,
    ) -> Iterator[Scene]:
        """Time the block, then hold I1 to I6 against the database; the line is written whatever fails, with why.

        `broken` says what of the invariants does not hold, where the scenario has a database of its own.
        """
        assert goal in IDS, f"{goal} is not in tests/chaos/goals.py"
        scene, held, why, began = Scene(goal), False, "it was ended", time.monotonic()
        try:
            yield scene
            assert list(broken()) == []
            held, why = True, ""
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:_WHY_CHARACTERS]
            raise
        finally:
            self._test.user_properties.append((_HELD, held))
            line = {"goal": goal, "scenario": name, "size": size, "seed": seed, "held": held}
            line |= {"why": why} if why else {}
            self._tell({**line, "seconds": round(time.monotonic() - began, 1), **scene.figures})

    def _tell(self, line: dict[str, Figure]) -> None:
        if not _append(self._test.config, line):
            with self._capture.disabled():
                print(f"\n{json.dumps(line)}", end="")  # noqa: T201 - the lines are what scenarios are run for


@pytest.fixture
def scenario(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Scenarios:
    """Run a block as a scenario: `with scenario("R1", "kills", size="small", seed=1) as scene`."""
    return Scenarios(request.node, capsys)


class Tally:
    """Counts the ordinary tests that stand for a goal: those marked `goal`, which run no scenario.

    Of those that run one it counts what failed outside of it, for the scenario's own line says that it held.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._goals: dict[str, tuple[str, ...]] = {}
        self._with_scenarios: set[str] = set()
        self._outcomes: dict[tuple[str, str], list[str]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            goals = tuple(name for mark in item.iter_markers("goal") for name in mark.args)
            assert IDS.issuperset(goals), f"{item.nodeid} names a goal that is not in tests/chaos/goals.py"
            self._goals[item.nodeid] = goals
            if "scenario" in getattr(item, "fixturenames", ()):
                self._with_scenarios.add(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.nodeid in self._with_scenarios and not _failed_outside(report):
            return
        if report.when == "call" or report.outcome != "passed":
            for goal in self._goals.get(report.nodeid, ()):
                self._outcomes[goal, report.nodeid.partition("::")[0]].append(report.outcome)

    def pytest_sessionfinish(self) -> None:
        for (goal, file), outcomes in sorted(self._outcomes.items()):
            passed, failed = outcomes.count("passed"), outcomes.count("failed")
            held = failed == 0 and passed > 0
            line = {"goal": goal, "scenario": file, "held": held, "checks": len(outcomes)}
            _append(self._config, {**line, "passed": passed, "failed": failed, "skipped": outcomes.count("skipped")})


def _failed_outside(report: pytest.TestReport) -> bool:
    return report.failed and all(held for name, held in report.user_properties if name == _HELD)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Tally(config), "goals")


def _append(config: pytest.Config, line: dict[str, Figure]) -> bool:
    path: Path | None = config.getoption("goals")
    if path is None:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        stream.write(json.dumps(line) + "\n")
    return True
