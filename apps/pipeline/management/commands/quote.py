from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.pipeline.console.order_options import add_order_options, order_of
from apps.pipeline.console.session import print_quote
from apps.pipeline.quotes import quote_order


class Command(BaseCommand):
    help = "Say what a video would cost, by its parts, and when it could be ready. Nothing is made, spent or stored."
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_order_options(parser)
        parser.add_argument("--json", action="store_true", help="print the quote as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        print_quote(lambda: quote_order(order_of(options)), self.stdout, as_json=options["json"])
