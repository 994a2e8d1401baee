"""Buying credits at Stripe: leave for its page, hear of the payment, grant what was paid, take back refunds."""
