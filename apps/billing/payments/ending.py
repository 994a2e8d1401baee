"""Plans that end soon and will not renew: their users are told in time to think again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from apps.billing.models import CreditLot, Source, Subscription
from apps.billing.payments import letters
from apps.billing.payments.states import RUNNING

TOLD_BEFORE = timedelta(days=3)
_MOST_A_CALL = 500


def tell_of_ending_plans(*, at: datetime) -> int:
    """Tell of every plan that ends within three days, once each. Returns how many such plans there are."""
    ending = Subscription.objects.filter(
        status__in=RUNNING, livemode=settings.STRIPE_LIVE_MODE, ends_at__gt=at, ends_at__lte=at + TOLD_BEFORE
    )
    told = list(ending.order_by("ends_at")[:_MOST_A_CALL])
    for subscription in told:
        mine = CreditLot.objects.filter(user_id=subscription.user_id, source=Source.PLAN, remaining__gt=0)
        letters.tell_ending(subscription, unspent=mine.aggregate(total=Sum("remaining"))["total"] or 0)
    return len(told)
