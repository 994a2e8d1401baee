"""Whom a fact is about, as a keyed hash: facts of one person can be put together, and none leads back to them.

The key is that of the mailboxes' fingerprints, which never changes.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac


def person_of(user_id: UUID) -> UUID:
    """Return what stands for a user."""
    return _hashed("person", str(user_id))


def visitor_of(token_hash: str) -> UUID:
    """Return what stands for a browser that keeps a draft, by the hash of its token."""
    return _hashed("visitor", token_hash)


def subject_of(what: object) -> UUID:
    """Return what stands for the row that a fact is about."""
    return _hashed("subject", str(what))


def _hashed(kind: str, name: str) -> UUID:
    secret = settings.MAILBOX_HMAC_KEY
    return UUID(bytes=salted_hmac(f"canvascast.funnel.{kind}", name, secret=secret, algorithm="sha256").digest()[:16])
