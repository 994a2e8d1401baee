"""Payments: off until Stripe's key and the secret of its webhooks are given."""

from urllib.parse import urlsplit

from canvascast import env

STRIPE_SECRET_KEY = env.value("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.value("STRIPE_WEBHOOK_SECRET", "")
STRIPE_LIVE_MODE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
STRIPE_AUTOMATIC_TAX = env.flag("STRIPE_AUTOMATIC_TAX")
# No money is taken of which this site would not hear.
PAYMENTS_ENABLED = bool(STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET)
# Pages that a form of ours may lead to; another API host shows its own.
STRIPE_PAGES = ["https://checkout.stripe.com", "https://billing.stripe.com"]
if _host := env.value("STRIPE_API_HOST", ""):
    # dj-stripe warns of it wherever it is set, so it is where it is meant only.
    STRIPE_API_HOST = _host
    # Every page names it in its policy, and a key that is part of the address is nobody's business there.
    _place = urlsplit(_host)
    STRIPE_PAGES = [_place._replace(netloc=_place.netloc.rpartition("@")[2]).geturl()]
CHECKOUTS_AN_HOUR = 10
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
