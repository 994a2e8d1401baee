from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from canvascast.operations.reconcile import reconcile
from canvascast.storages import StorageUnavailable

FAILED = 1


class Command(BaseCommand):
    help = "Compare ledger, wallets, lots, jobs and files. A line for each thing that is wrong; exit 1 if there is any."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--deep", action="store_true", help="read every delivered file and compare its hash")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        try:
            findings = reconcile(deep=options["deep"])
        except StorageUnavailable as error:
            raise CommandError("The file storage does not answer; nothing was compared.", returncode=FAILED) from error
        if options["json"]:
            self.stdout.write(json.dumps({"findings": [asdict(finding) for finding in findings]}))
        else:
            for finding in findings:
                self.stdout.write(f"{finding.invariant} {finding.subject} {finding.id}: {finding.text}")
        if findings:
            raise CommandError(f"{len(findings)} found that should not be.", returncode=FAILED)
        if not options["json"]:
            self.stdout.write("Ledger, wallets, lots, jobs and files agree.")
