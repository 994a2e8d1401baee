"""What was measured, beside the goals: a table for people on stderr, one JSON line on stdout."""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Goal:
    """A figure that has to stay at or under (or over) its limit."""

    figure: str
    sense: str
    limit: float
    says: str

    def is_met(self, value: float) -> bool:
        return (operator.le if self.sense == "<=" else operator.ge)(value, self.limit)


GOALS = (
    Goal("c_to_encoder", "<=", 1.20, "CPU against the encoder alone, compiled kernel"),
    Goal("numba_to_encoder", "<=", 1.50, "CPU against the encoder alone, numba kernel"),
    Goal("moviepy_to_c", ">=", 9.0, "MoviePy's CPU against ours, compiled kernel"),
    Goal("moviepy_to_numba", ">=", 6.5, "MoviePy's CPU against ours, numba kernel"),
    Goal("vmaf", ">=", 92.0, "VMAF, captions cropped"),
    Goal("megabits_per_second", "<=", 6.0, "Mb/s"),
    Goal("jitter_zoom", "<=", 0.03, "jitter of the zoom, px rms"),
    Goal("jitter_zoom_drift", "<=", 0.03, "jitter of the drifting zoom, px rms"),
    Goal("jitter_pan", "<=", 0.07, "jitter of the pan, px rms"),
    Goal("c_peak_mib", "<=", 350.0, "peak anonymous memory, compiled kernel, MiB"),
    Goal("numba_peak_mib", "<=", 350.0, "peak anonymous memory, numba kernel, MiB"),
    Goal("c_long_peak_mib", "<=", 350.0, "the same on the long film, compiled kernel, MiB"),
    Goal("numba_long_peak_mib", "<=", 350.0, "the same on the long film, numba kernel, MiB"),
    Goal("gate_to_encoder", "<=", 0.40, "quality gate's CPU against the encoder alone"),
    Goal("sound_to_encoder", "<=", 0.15, "audio mix's CPU against the encoder alone"),
)


def show(figures: Mapping[str, float], facts: Mapping[str, object]) -> None:
    """Print the JSON line and the table."""
    rounded = {name: round(value, 4) for name, value in figures.items()}
    print(json.dumps({**facts, **rounded}))
    Console(file=sys.stderr).print(_table(figures))


def _table(figures: Mapping[str, float]) -> Table:
    table = Table("figure", "measured", "goal", "", caption="The goals are set for the film of 60 seconds.")
    judged = [goal for goal in GOALS if goal.figure in figures]
    for goal in judged:
        value = figures[goal.figure]
        table.add_row(
            goal.says, f"{value:.3g}", f"{goal.sense} {goal.limit:g}", "met" if goal.is_met(value) else "missed"
        )
    for name in sorted(figures.keys() - {goal.figure for goal in judged}):
        table.add_row(name.replace("_", " "), f"{figures[name]:.4g}", "", "")
    return table
