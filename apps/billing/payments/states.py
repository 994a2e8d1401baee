"""Stripe's words for how a subscription is."""

from __future__ import annotations

RUNNING = ("active", "trialing", "past_due", "unpaid", "paused")
"""It renews, or could be made to; a user who has one does not buy another."""
UNPAID = ("past_due", "unpaid")
