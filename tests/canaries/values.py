"""A value of its own for every secret of the site, known anywhere it turns up, and where it did."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from canvascast.env import SECRETS

_SHAPES = {
    "DATABASE_URL": "postgresql://{user}:{canary}@{host}",
    "BROKER_URL": "redis://:{canary}@127.0.0.1:1",
    "EMAIL_URL": "smtp+tls://mailer:{canary}@127.0.0.1:1",
    "SENTRY_DSN": "{tracker}",
    "STRIPE_SECRET_KEY": "sk_test_{canary}",  # pragma: allowlist secret
    "STRIPE_WEBHOOK_SECRET": "whsec_{canary}",  # pragma: allowlist secret
    "RESEND_WEBHOOK_SECRET": "whsec_{canary}",  # pragma: allowlist secret
}
# With a key in the address itself, as gateways want it.
_ADDRESSES = {name: "http://gateway:{canary}@{echo}" for name in SECRETS if name.endswith(("_URL", "_HOST"))}


@dataclass(frozen=True)
class Canaries:
    """`values` by variable."""

    values: dict[str, str]

    def environment(self, *, echo: str, tracker: str, database: str) -> dict[str, str]:
        """Return all secrets as they are set, with the addresses of servers on loopback."""
        parts = urlsplit(database)
        places = {"user": parts.username or "postgres", "host": f"/{parts.path.lstrip('/')}?{parts.query}"}
        filled = {
            name: {**_ADDRESSES, **_SHAPES}.get(name, "{canary}").format(
                canary=canary, echo=urlsplit(echo).netloc, tracker=tracker, **places
            )
            for name, canary in self.values.items()
        }
        return filled | {"OPENAI_BASE_URL": f"{filled['OPENAI_BASE_URL']}/v1"}

    def found_in(self, texts: dict[str, str], *, but: Iterable[tuple[str, str]] = ()) -> list[tuple[str, str]]:
        """Return place and variable for each canary in the texts, in any of the ways that it may be written."""
        return [
            (place, name)
            for place, text in texts.items()
            for name, canary in self.values.items()
            if (place, name) not in set(but) and any(form in text for form in _forms(canary))
        ]


def make_canaries() -> Canaries:
    """Return one for each secret there is: a new one has its own at once."""
    return Canaries({name: f"c4n4ry{number:02d}Zq7Wx9Lk3Vb8" for number, name in enumerate(SECRETS)})


def _forms(canary: str) -> set[str]:
    encoded = base64.b64encode(canary.encode()).decode().rstrip("=")
    return {canary, canary.upper(), canary.lower(), canary[::-1], quote(canary), json.dumps(canary)[1:-1], encoded}
