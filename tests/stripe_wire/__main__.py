"""`python -m tests.stripe_wire`: the server for trying by hand. A line typed moves the clock by so many days."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import suppress

from tests.stripe_wire.server import serving_stripe


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8499)
    parser.add_argument("--webhook", help="where events are posted")
    parser.add_argument("--secret", default="", help="signs the webhooks; made up if not given")
    parser.add_argument("--key", default="", help="the API's secret key; made up if not given")
    given = parser.parse_args()
    with serving_stripe(port=given.port, key=given.key, webhook_secret=given.secret, has_default_portal=True) as server:
        if given.webhook:
            server.send_webhooks(given.webhook)
        print(f"STRIPE_API_HOST={server.url}\nSTRIPE_SECRET_KEY={server.key}")  # noqa: T201 - a command's output
        print(f"STRIPE_WEBHOOK_SECRET={server.webhook_secret}", flush=True)  # noqa: T201 - a command's output
        for line in sys.stdin:
            server.advance(days=float(line or 0))
            print(f"{server.now:%Y-%m-%d %H:%M}, {len(server.events)} events", flush=True)  # noqa: T201 - as above
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
