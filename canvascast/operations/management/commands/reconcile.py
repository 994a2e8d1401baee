from __future__ import annotations

import json
from argparse import ArgumentParser
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.billing.payments.gateway import PaymentsUnavailable
from apps.billing.payments.reconciling import Report, reconcile_with_stripe
from canvascast.exit_codes import FAILED
from canvascast.metrics.watched import remember_watch
from canvascast.operations.models import Work
from canvascast.operations.nights_dates import noted
from canvascast.operations.reconcile import reconcile
from canvascast.storages import StorageUnavailable


class Command(BaseCommand):
    help = (
        "Compare ledger, wallets, lots, jobs and files. A line for each thing that is wrong; exit 1 if there is any. "
        "With --stripe: compare 30 days of payments with the ledger first, and restore what was missed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--deep", action="store_true", help="read every delivered file and compare its hash")
        parser.add_argument(
            "--nightly",
            action="store_true",
            help="read a seventh of the delivered files, so that a week of nights reads all",
        )
        parser.add_argument("--stripe", action="store_true", help="ask Stripe for its payments too, and restore")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        with noted(Work.RECONCILE_DEEP) if options["deep"] or options["nightly"] else nullcontext():
            self._compare(options)

    def _compare(self, options: dict[str, Any]) -> None:  # Any: as above
        report = _ask_stripe() if options["stripe"] else None
        night = timezone.now().date() if options["nightly"] and not options["deep"] else None
        try:
            # The same check as the night's, whatever it finds.
            with noted(Work.WATCH_EVERYTHING):
                findings = reconcile(deep=options["deep"] or options["nightly"], night=night)
        except StorageUnavailable as error:
            raise CommandError("The file storage does not answer; nothing was compared.", returncode=FAILED) from error
        # Files are no matter of the nightly check, whose alert ends when all the rest is mended.
        of_rows = [finding for finding in findings if finding.subject != "asset"]
        remember_watch(findings=len(of_rows), at=timezone.now(), check="everything")
        if options["json"]:
            told = {"findings": [asdict(finding) for finding in findings]}
            self.stdout.write(json.dumps(told | ({"stripe": asdict(report)} if report else {})))
        else:
            self._say_report(report)
            for finding in findings:
                self.stdout.write(f"{finding.invariant} {finding.subject} {finding.id}: {finding.text}")
        wrong = len(findings) + (len(report.drift) if report else 0)
        if wrong:
            raise CommandError(f"{wrong} found that should not be.", returncode=FAILED)
        if not options["json"]:
            self.stdout.write("Ledger, wallets, lots, jobs and files agree.")

    def _say_report(self, report: Report | None) -> None:
        if report is None:
            return
        self.stdout.write(
            f"Stripe: {report.customers} customers looked at, {report.missed_events} events had been missed, "
            f"{report.restored} payments or refunds restored."
        )
        for drift in report.drift:
            self.stdout.write(f"{drift.kind} {drift.id}: {drift.text}")


def _ask_stripe() -> Report:
    if not settings.STRIPE_SECRET_KEY:
        raise CommandError("There is no STRIPE_SECRET_KEY to ask Stripe with.", returncode=FAILED)
    try:
        with noted(Work.RECONCILE_PAYMENTS):
            return reconcile_with_stripe()
    except PaymentsUnavailable as error:
        raise CommandError(
            f"Stripe does not answer as it should ({error.reason}). What was restored by then stays; run it again.",
            returncode=FAILED,
        ) from error
