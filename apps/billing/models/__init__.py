"""Credits, and what was paid for them."""

from apps.billing.models.credits import CreditLot, Kind, LedgerEntry, LotAllocation, Source, TrialGrant, Wallet
from apps.billing.models.payments import (
    Checkout,
    CheckoutState,
    Payment,
    Reversal,
    ReversalKind,
    StripeCustomer,
    StripeEvent,
    StripePrice,
    Subscription,
)

__all__ = [
    "Checkout",
    "CheckoutState",
    "CreditLot",
    "Kind",
    "LedgerEntry",
    "LotAllocation",
    "Payment",
    "Reversal",
    "ReversalKind",
    "Source",
    "StripeCustomer",
    "StripeEvent",
    "StripePrice",
    "Subscription",
    "TrialGrant",
    "Wallet",
]
