"""Payments: off until a Stripe key is given."""

from canvascast import env

STRIPE_SECRET_KEY = env.value("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.value("STRIPE_WEBHOOK_SECRET", "")
STRIPE_LIVE_MODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
PAYMENTS_ENABLED = bool(STRIPE_SECRET_KEY)
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
