"""Credits that staff give back for a video that was charged."""

from __future__ import annotations

from datetime import datetime

from apps.accounts.models import User
from apps.billing import ledger
from apps.pipeline.models import Job
from canvascast.errors import Refused


def return_credits(*, job: Job, credits: int, reason: str, by: User, at: datetime) -> None:
    """Give back at most what the job was charged, once. Raises Refused."""
    if credits > job.cost:
        raise Refused(f"This video was charged {job.cost} credits; no more than that can be returned.")
    key = f"returned:{job.pk}"
    entry = ledger.adjust(user_id=job.user_id, credits=credits, reason=reason, key=key, by=by, at=at)
    # Part of it may have paid what was owed, so the row is judged by what came in.
    if (-entry.d_external, entry.reason) != (credits, reason):
        raise Refused("Credits were returned for this video already.")
