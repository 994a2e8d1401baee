"""What an installation holds on to: memory, handles, threads, temporary files, connections; and whether that grows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median

import psutil
import psycopg

MEGABYTE = 1 << 20

Processes = Callable[[], Iterable[psutil.Process]]
Sample = dict[str, float]


@dataclass(frozen=True)
class Bound:
    """How much a figure may grow over the time judged: a share of its median, but `least` is always allowed."""

    share: float
    least: float

    def allows(self, growth: float, level: float) -> bool:
        return growth <= max(self.share * level, self.least)


BOUNDS: Mapping[str, Bound] = {
    "pss_bytes": Bound(0.05, 20 * MEGABYTE),
    "rss_bytes": Bound(0.05, 20 * MEGABYTE),
    "handles": Bound(0.02, 4),
    "threads": Bound(0.02, 4),
    "temp_bytes": Bound(0.05, 20 * MEGABYTE),
    "connections": Bound(0.02, 3),
}
"""By how a figure's name ends. Bounds are for the second half of a soak."""


class Vitals:
    """Takes samples of groups of processes, of folders of temporary files, and of a database."""

    def __init__(self, groups: Mapping[str, Processes], temporary: Sequence[Path], database_url: str) -> None:
        self._groups = groups
        self._temporary = temporary
        self._url = database_url
        self.samples: list[Sample] = []

    def take(self) -> None:
        sample: Sample = {"at": time.monotonic(), "temp_bytes": sum(map(bytes_below, self._temporary))}
        for group, processes in self._groups.items():
            sample |= {f"{group}_{name}": value for name, value in _of_processes(processes()).items()}
        with psycopg.connect(self._url) as session:
            connections, size = session.execute(
                "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) - 1, "
                "pg_database_size(current_database())"
            ).fetchone()
        self.samples.append({**sample, "connections": connections, "database_size": size})

    def growths(self) -> dict[str, tuple[float, float, bool]]:
        """Return for each bounded figure how much its trend grew in the second half, its median there, and whether
        that counts as flat."""
        half = self.samples[len(self.samples) // 2 :]
        moments = [sample["at"] for sample in half]
        found: dict[str, tuple[float, float, bool]] = {}
        for name in half[0]:
            bound = next((bound for end, bound in BOUNDS.items() if name.endswith(end)), None)
            if bound is None:
                continue
            values = [sample[name] for sample in half]
            growth, level = slope(moments, values) * (moments[-1] - moments[0]), median(values)
            found[name] = (growth, level, bound.allows(growth, level))
        return found


def slope(moments: Sequence[float], values: Sequence[float]) -> float:
    """Return the median slope between all pairs (Theil and Sen): single peaks do not tilt it."""
    points = list(zip(moments, values, strict=True))
    return median((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2)) if len(points) > 1 else 0.0


def bytes_below(folder: Path) -> int:
    """Return the size of all files in the folder, which change while they are counted."""
    total = 0
    for path in folder.rglob("*") if folder.exists() else ():
        with contextlib.suppress(OSError):
            total += path.lstat().st_size if path.is_file() else 0
    return total


def _of_processes(processes: Iterable[psutil.Process]) -> dict[str, float]:
    totals = dict.fromkeys(("processes", "rss_bytes", "pss_bytes", "handles", "threads"), 0.0)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            memory = process.memory_full_info()
            one = {"rss_bytes": memory.rss, "pss_bytes": memory.pss, "handles": process.num_fds()}
            for name, value in {**one, "threads": process.num_threads(), "processes": 1}.items():
                totals[name] += value
    return totals
