from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from canvascast.exit_codes import BAD_USE, NOTHING_TO_DO
from canvascast.operations.costs import GROUPS, CostLine, costs, lowest_cents_a_credit

_HEAD = ("", "videos", "ready", "credits", "calls", "vendors $", "$ a video", "CPU s", "left $")


class Command(BaseCommand):
    help = "What the videos that ended lately cost, beside the credits they charged."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", choices=GROUPS, default="day", help="default: day")
        parser.add_argument("--days", type=int, default=30, help="how far back; default 30")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        if not 1 <= options["days"] <= 3660:
            raise CommandError("--days is from 1 to 3660.", returncode=BAD_USE)
        now = timezone.now()
        lines = costs(by=options["by"], since=now - timedelta(days=options["days"]), until=now)
        if options["json"]:
            told = [{**asdict(line), "margin_usd": line.margin_usd} for line in lines]
            self.stdout.write(json.dumps({"by": options["by"], "lines": told}))
            return
        if not lines:
            raise CommandError("No video ended in that time.", returncode=NOTHING_TO_DO)
        self.stdout.write(_table(lines))
        self.stdout.write(f"“left” counts a credit as {lowest_cents_a_credit():.0f} cents, the least one is sold for.")


def _table(lines: list[CostLine]) -> str:
    rows = [_HEAD, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(_row(row, widths) for row in rows)


def _row(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
    return "  ".join(cells).rstrip()


def _cells(line: CostLine) -> tuple[str, ...]:
    return (
        line.group,
        str(line.videos),
        str(line.ready),
        _or_dash(line.credits, "d"),
        str(line.calls),
        f"{line.vendor_usd:.2f}",
        f"{line.vendor_usd / line.videos:.3f}",
        _or_dash(line.cpu_seconds, ".0f"),
        _or_dash(line.margin_usd, ".2f"),
    )


def _or_dash(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
