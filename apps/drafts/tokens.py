from __future__ import annotations

import hashlib


def token_hash(token: str) -> str:
    """Return what is stored of a draft's token. A token is random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
