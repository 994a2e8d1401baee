"""Claim, lease, count: how a user's voice is learned at the vendor once and deleted there, whoever dies.

A claim is one conditional UPDATE: of many workers one hits the row. `tries` is counted before the vendor is asked, so a
second try knows that the first may have succeeded, and looks for its voice before it asks for another. A deleted voice
is cleared at the vendor by the same claim; nobody clears it while somebody may still be learning it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.pipeline.models import VoiceProfile, VoiceProfileState
from canvascast.hints import QUICK, Hints
from canvascast.logs import get_logger

log = get_logger("voices")

MOST_TRIES = 8
GIVE_UP_AFTER = timedelta(days=3)
LATE_AFTER = timedelta(days=3)
"""A deleted voice that is still at the vendor by then is told as an error."""
# Longer than the vendor is ever waited for, recordings of a quarter of an hour included.
LEASE = timedelta(minutes=5)
SETTLED_AFTER = timedelta(minutes=2)
_HINTS = Hints(VoiceProfile, task="apps.pipeline.tasks.look_at_voice", queue=QUICK)
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 60.0, 6 * 3600.0
_HINT_AGAIN_AFTER = timedelta(seconds=30)


class LeaseLost(Exception):
    """Another worker took the voice over, or it was deleted meanwhile: nothing of this try may be written."""


@dataclass(frozen=True)
class Claim:
    """The right to work on one voice at the vendor until the lease ends."""

    profile: VoiceProfile
    holder: UUID


def send_hints(profile_ids: Sequence[UUID]) -> None:
    """Queue a look at each, where a vendor is set up; inside a transaction it is queued with the commit."""
    if settings.CLONER:
        _HINTS.send(profile_ids)


def mark_deleted(profiles: QuerySet[VoiceProfile], *, at: datetime) -> list[UUID]:
    """Delete voices, in the caller's transaction, and have the vendor's copies deleted; returns which they were.

    A voice that is being learned is cleared a little later: the vendor may not have finished with it.
    """
    live = profiles.filter(deleted_at__isnull=True)
    unsettled = live.filter(state__in=[VoiceProfileState.PENDING, VoiceProfileState.PROCESSING], tries__gt=0)
    marked = list(live.select_for_update(no_key=True).values_list("pk", flat=True))
    unsettled.update(deleted_at=at, due_at=at + SETTLED_AFTER)
    live.filter(pk__in=marked).update(deleted_at=at, due_at=at)
    send_hints(marked)
    return marked


def claim(profile_id: UUID) -> Claim | None:
    """Take the voice, to learn it or to clear it, if that is due; None when there is nothing to do."""
    holder, rows = uuid4(), VoiceProfile.objects.filter(pk=profile_id)
    lease: dict[str, Any] = {"holder": holder, "lease_until": Now() + LEASE}  # Any: by the database's clock
    begun = {"state": VoiceProfileState.PROCESSING, "tries": F("tries") + 1, "provider": settings.CLONER}
    if not (rows.filter(_to_learn()).update(**lease, **begun) or rows.filter(_to_clear()).update(**lease)):
        return None
    profile = rows.filter(holder=holder).first()
    return Claim(profile, holder) if profile else None


def renew(claim: Claim) -> None:
    """Right before the vendor is asked: a worker that slept past its lease asks for nothing. Raises LeaseLost."""
    _write(claim, lease_until=Now() + LEASE)


def record_learned(claim: Claim, voice_id: str) -> None:
    """Write down the vendor's voice. Raises LeaseLost, also when the user deleted theirs."""
    _write(claim, **_free(), state=VoiceProfileState.READY, provider_voice_id=voice_id, error_code="")


def record_cleared(claim: Claim, at: datetime) -> None:
    """Write down that the vendor has nothing of this voice. Raises LeaseLost."""
    _write(claim, **_free(), vendor_cleared_at=at)


def postpone(claim: Claim, *, code: str, until: datetime | None = None, was_asked: bool = True) -> None:
    """Try again later, or at a moment that was named, which does not count. Raises LeaseLost.

    A vendor that `was_asked` may have made the voice whatever it answered, so the next try is never the first again.

    What is to be learned is given up after some tries or days; what is to be cleared never is.
    """
    profile = claim.profile
    if profile.deleted_at is not None:
        late = timezone.now() - profile.deleted_at > LATE_AFTER
        (log.error if late else log.warning)("voice_not_cleared", profileId=str(profile.pk), code=code)
        wait = max(_FIRST_WAIT_SECONDS, (timezone.now() - profile.deleted_at).total_seconds())
        _write(claim, **_free(), due_at=until or _after(wait))
        return
    if profile.tries >= MOST_TRIES or timezone.now() - profile.created_at > GIVE_UP_AFTER:
        give_up(claim, code=code)
        return
    log.warning("voice_postponed", profileId=str(profile.pk), code=code, tries=profile.tries)
    counted = max(profile.tries - 1, int(was_asked)) if until else profile.tries
    due_at = until or _after(_FIRST_WAIT_SECONDS * 4 ** (profile.tries - 1))
    _write(claim, **_free(), state=VoiceProfileState.PENDING, due_at=due_at, tries=counted, hinted_at=None)


def give_up(claim: Claim, *, code: str) -> None:
    """End it without a voice. Raises LeaseLost."""
    _write(claim, **_free(), state=VoiceProfileState.FAILED, error_code=code[:60])
    log.warning("voice_given_up", profileId=str(claim.profile.pk), code=code, tries=claim.profile.tries)


def let_go(claim: Claim) -> None:
    """After a lost lease: whoever clears the voice, because it was deleted, need not wait until the lease ends."""
    VoiceProfile.objects.filter(pk=claim.profile.pk, holder=claim.holder).update(**_free())


def sweep() -> None:
    """Find again voices whose hint vanished, whose worker died, or whose worker dies every time.

    The worker supervisor calls it every second. Running it twice at once does no harm.
    """
    if not settings.CLONER:
        return
    _give_up_exhausted()
    due = VoiceProfile.objects.filter(_to_learn() | _to_clear()).order_by("due_at")
    _HINTS.send_forgotten(due, again_after=_HINT_AGAIN_AFTER)


def _give_up_exhausted() -> None:
    exhausted = VoiceProfile.objects.filter(
        deleted_at__isnull=True, state=VoiceProfileState.PROCESSING, lease_until__lt=Now(), tries__gte=MOST_TRIES
    )
    if ended := exhausted.update(**_free(), state=VoiceProfileState.FAILED, error_code="worker_lost"):
        log.error("voice_given_up", code="worker_lost", voices=ended)


def _to_learn() -> Q:
    waiting = Q(state__in=[VoiceProfileState.PENDING, VoiceProfileState.PROCESSING], tries__lt=MOST_TRIES)
    return waiting & _is_due() & Q(deleted_at__isnull=True)


def _to_clear() -> Q:
    return Q(deleted_at__isnull=False, vendor_cleared_at__isnull=True, tries__gt=0) & _is_due()


def _is_due() -> Q:
    return Q(due_at__lte=Now()) & (Q(lease_until__isnull=True) | Q(lease_until__lt=Now()))


def _after(seconds: float) -> Any:  # Any: a moment by the database's clock
    return Now() + timedelta(seconds=min(seconds, _LONGEST_WAIT_SECONDS) * random.uniform(0.75, 1.0))


def _free() -> dict[str, Any]:  # Any: values of VoiceProfile's own columns
    return {"holder": None, "lease_until": None}


def _write(claim: Claim, **columns: Any) -> None:  # Any: as above
    as_claimed = Q(deleted_at__isnull=claim.profile.deleted_at is None)
    held = VoiceProfile.objects.filter(as_claimed, pk=claim.profile.pk, holder=claim.holder)
    if held.update(**columns) != 1:
        raise LeaseLost(f"voice {claim.profile.pk}")
