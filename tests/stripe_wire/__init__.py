"""A small Stripe on loopback: one account in test mode, in memory, in threads of the test process.

    with serving_stripe() as server:
        stripe.api_base, stripe.api_key = server.url, server.key     # or server.client()
        ...                                                          # the product makes a checkout session
        server.pay(session_id)                                       # the customer pays on the hosted page
        server.deliver_all(client, path="/api/webhooks/stripe")      # the product hears of it
        server.advance(days=31)                                      # a month passes, subscriptions renew

It speaks API version 2026-08-26.dahlia and no other. Parameters are held against the SDK's own description of each
request (`stripe.params`): what Stripe does not know is refused as Stripe refuses it, and what Stripe knows but this
server does not is refused with `not_in_the_local_stripe`, so nothing that is sent is quietly ignored.

- `server.py`: `StripeServer`, what tests do to it. `http.py`: keys, idempotency, faults, log. `pages.py`: hosted pages.
- `world.py`, `store.py`, `clock.py`, `timeline.py`: the account's objects, events and time, which stands still.
- `routes.py`, `parameters.py`, `expansion.py`, `refusals.py`: the wire. One file per family of objects is the rest.
- `fixtures.py`: pytest fixtures that point the SDK and dj-stripe here.

By hand: `python -m tests.stripe_wire --port 8499 --webhook http://127.0.0.1:8000/api/webhooks/stripe`.
"""

from tests.stripe_wire.server import StripeServer, serving_stripe

__all__ = ["StripeServer", "serving_stripe"]
