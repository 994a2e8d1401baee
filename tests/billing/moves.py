"""The ledger's calls with what a test is not about filled in."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import LedgerEntry, Source

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def give(user: User, credits: int, *, source=Source.GIFT, reason="", key=None, expires_at=None, at=NOW) -> LedgerEntry:
    return ledger.grant(
        user_id=user.pk,
        credits=credits,
        source=source,
        reason=reason,
        key=key or f"test:{uuid.uuid4()}",
        expires_at=expires_at,
        at=at,
    )


def buy(user: User, credits: int, *, source=Source.PACK, key=None, expires_at=None, at=NOW) -> LedgerEntry:
    return ledger.purchase(
        user_id=user.pk,
        credits=credits,
        source=source,
        reason="",
        key=key or f"test:{uuid.uuid4()}",
        expires_at=expires_at,
        at=at,
    )


def hold(user: User, credits: int, *, job_id=None, title="Why cats purr", at=NOW) -> uuid.UUID:
    job_id = job_id or uuid.uuid4()
    ledger.reserve(user_id=user.pk, job_id=job_id, project_id=uuid.uuid4(), title=title, credits=credits, at=at)
    return job_id


def pay_back(user: User, credits: int, *, key=None, purchase_key="", at=NOW) -> LedgerEntry:
    return ledger.refund(
        user_id=user.pk,
        credits=credits,
        reason="",
        key=key or f"test:{uuid.uuid4()}",
        purchase_key=purchase_key,
        at=at,
    )
