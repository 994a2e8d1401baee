"""What an installation holds on to: memory, handles, threads, temporary files, connections; and whether that grows."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median, quantiles

import psutil
import psycopg

MEGABYTE = 1 << 20

# By whom they are told, and under what names. Anonymous memory is nobody's but ours, and what forked processes share of
# it counts once. So does a shared segment, which `Rss` counts in each process that ever touched a page of it.
_MEMORY = {
    "smaps_rollup": {"pss_bytes": ("Pss",), "anonymous_bytes": ("Pss_Anon",), "shared_bytes": ("Pss_Shmem",)},
    "status": {"rss_bytes": ("RssAnon", "RssFile")},
}

Processes = Callable[[], Iterable[psutil.Process]]
Sample = dict[str, float]


@dataclass(frozen=True)
class Bound:
    """How much a figure may grow over the time judged: a share of its median, but `least` is always allowed.

    So is its usual to and fro, the distance between its quartiles; what grows steadily goes twice that far.
    """

    share: float
    least: float

    def allows(self, growth: float, values: Sequence[float]) -> bool:
        low, level, high = quantiles(values, n=4)
        return growth <= max(self.share * level, self.least, high - low)


BOUNDS: Mapping[str, Bound] = {
    "anonymous_bytes": Bound(0.05, 20 * MEGABYTE),
    "rss_bytes": Bound(0.05, 20 * MEGABYTE),
    "shared_bytes": Bound(0.05, 4 * MEGABYTE),
    "handles": Bound(0.02, 4),
    "threads": Bound(0.02, 4),
    "temp_bytes": Bound(0.05, 20 * MEGABYTE),
    "connections": Bound(0.02, 3),
}
"""By how a figure's name ends, for the second half of a soak.

PSS is noted and not judged: it grows when another program of the machine, that has the same libraries open, ends.
"""


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
            growth = slope(moments, values) * (moments[-1] - moments[0])
            found[name] = (growth, median(values), bound.allows(growth, values))
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
    totals: dict[str, float] = Counter()
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, OSError):
            counted = {"handles": process.num_fds(), "threads": process.num_threads(), "processes": 1}
            for name, value in {**_memory_of(process.pid), **counted}.items():
                totals[name] += value
    return totals


def _memory_of(pid: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for teller, figures in _MEMORY.items():
        lines = (line.split() for line in Path(f"/proc/{pid}/{teller}").read_text().splitlines()[1:])
        kilobytes = {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB"}
        found |= {name: 1024 * sum(kilobytes.get(field, 0) for field in fields) for name, fields in figures.items()}
    return found
