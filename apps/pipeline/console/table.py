"""The table of steps on stderr: live in a terminal, a plain line per change elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from apps.pipeline.queries import StepReport

_MARKS = {"DONE": "✓", "RUNNING": "▸", "QUEUED": "…", "WAITING": "", "FAILED": "✗", "CANCELED": "–"}


class StepTable:
    """Shows step reports; use as a context manager."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False) if self._console.is_terminal else None
        self._shown: dict[str, str] = {}

    def __enter__(self) -> StepTable:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, reports: list[StepReport], progress: int) -> None:
        """Bring the table up to date."""
        if self._live is not None:
            self._live.update(_table(reports, progress), refresh=True)
            return
        for report in reports:
            if self._shown.get(report.name) != report.state and report.state in ("RUNNING", "DONE", "FAILED"):
                print(_line(report), file=sys.stderr, flush=True)  # noqa: T201 - the command's own progress lines
            self._shown[report.name] = report.state


def _table(reports: list[StepReport], progress: int) -> Table:
    table = Table(title=f"{progress} %", title_justify="left", box=None, pad_edge=False)
    for heading in ("", "step", "made", "reused", "seconds", "cpu s", ""):
        table.add_column(heading, justify="right" if heading in ("made", "reused", "seconds", "cpu s") else "left")
    for report in reports:
        table.add_row(
            _MARKS[report.state],
            report.name.replace("_", " "),
            f"{report.made}/{report.total - report.reused}",
            str(report.reused) if report.reused else "",
            f"{report.wall_seconds:.1f}" if report.wall_seconds else "",
            f"{report.cpu_seconds:.1f}" if report.cpu_seconds else "",
            report.message,
        )
    return table


def _line(report: StepReport) -> str:
    line = f"{report.name}: {report.state.lower()}"
    if report.state == "DONE":
        line += f" ({report.made} made, {report.reused} reused, {report.wall_seconds:.1f} s)"
    return line
