from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from canvascast.exit_codes import FAILED
from canvascast.operations.doctor import Finding, examine

_MARKS = {"ok": "✓", "not set": "–", "unchecked": "?", "trouble": "✗"}


class Command(BaseCommand):
    help = "Look at everything that making videos needs, vendors too; a line with a fix for each thing that is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--deep", action="store_true", help="also make a second of film and decode it")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        findings = examine(deep=options["deep"])
        if options["json"]:
            self.stdout.write(json.dumps({"findings": [asdict(finding) for finding in findings]}))
        else:
            for finding in findings:
                self.stdout.write(_line(finding))
        troubled = sum(finding.state == "trouble" for finding in findings)
        if troubled:
            raise CommandError(f"{troubled} not as it should be.", returncode=FAILED)


def _line(finding: Finding) -> str:
    line = f"{_MARKS[finding.state]} {finding.name:<12} {finding.text}"
    return f"{line}\n    → {finding.fix}" if finding.fix else line
