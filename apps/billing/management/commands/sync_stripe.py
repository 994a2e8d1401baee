from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.billing.catalogue import CURRENCY, ITEMS
from apps.billing.payments.gateway import PaymentsOff, PaymentsUnavailable
from apps.billing.payments.portal import portal_configuration
from apps.billing.payments.price_list import publish_all, unnamed_items
from canvascast.amounts import money_in_words


class Command(BaseCommand):
    help = "Tell Stripe what is sold here: products, prices and the page for plans. Can be run again at any time."

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        if unnamed := unnamed_items():
            raise CommandError(f"{', '.join(unnamed)}: sold here, but no longer in catalogue.py. Add to RETIRED there.")
        try:
            prices = publish_all()
            portal = portal_configuration()
        except PaymentsOff as error:
            raise CommandError("Set STRIPE_SECRET_KEY first.") from error
        except PaymentsUnavailable as error:
            raise CommandError(f"Stripe does not answer as it should ({error.reason}). Try again.") from error
        for price in prices:
            item = ITEMS[price.item]
            cost = money_in_words(price.cents, CURRENCY) + (" a month" if item.is_plan else "")
            self.stdout.write(f"{item.key}: {price.credits} credits for {cost}, {price.pk}")
        self.stdout.write(f"page for plans: {portal}")
