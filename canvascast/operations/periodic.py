"""What the `quick` queue does by the clock: take away what has expired, and check that money and work still agree.

Each runs alone on all hosts: the clock begins the next whether or not the last has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps

from django.utils import timezone

from apps.billing import ledger
from apps.billing.payments import reconciling
from apps.billing.payments.ending import tell_of_ending_plans
from apps.drafts import actions as drafts
from apps.notifications.webhooks import endpoints as webhooks
from apps.pipeline import expiry, left_files
from canvascast.advisory_locks import held_alone
from canvascast.logs import get_logger
from canvascast.metrics.watched import Check, remember_watch
from canvascast.operations.invariants import Finding
from canvascast.operations.models import Work
from canvascast.operations.nights import nights_work
from canvascast.operations.prune import prune, take_up_interrupted
from canvascast.operations.reconcile import reconcile, reconcile_lately

log = get_logger("operations")

_NIGHT_HOUR = 3
# One of the two processes that also send mail is busy for that long at most.
_PRUNE_SECONDS = 1200
# Within the quarter of an hour after which it is asked for again.
_ERASE_SECONDS = 300
# Silence for longer than a quarter of an hour looks like death to the supervisor.
_LONGEST_QUERY_SECONDS = 600


def _alone(work: Callable[[], None]) -> Callable[[], None]:
    """Leave the work undone where it still goes on; the clock comes again."""

    @wraps(work)
    def guarded() -> None:
        with held_alone(f"periodic:{work.__name__}") as is_free:
            if is_free:
                work()
            else:
                log.warning("periodic_still_runs", work=work.__name__)

    return guarded


@_alone
def tidy() -> None:
    """Take away what expired, go on with interrupted erasures, tell of plans that end; a bounded number each."""
    now = timezone.now()
    log.info(
        "tidied",
        drafts=drafts.delete_expired(at=now),
        lots=ledger.expire_lots(at=now),
        plans_ending=tell_of_ending_plans(at=now),
        deliveries=webhooks.delete_old(at=now),
        videos_without_files=expiry.expire_files(at=now),
        unfinished_videos=expiry.expire_unfinished(at=now),
        users_with_files_left=left_files.delete_forgotten(),
        **take_up_interrupted(at=now, seconds=_ERASE_SECONDS),
    )


@_alone
def nightly() -> None:
    """Tell owners of files that expire. Done twice it changes nothing more."""
    log.info("nightly", videos_expiring=expiry.tell_of_expiry(at=timezone.now()))


def reconcile_payments() -> None:
    """Hold Stripe against the ledger, once a night."""
    with nights_work(Work.RECONCILE_PAYMENTS, hour=_NIGHT_HOUR, now=timezone.now()) as is_due:
        if is_due:
            reconciling.run_nightly()


def prune_storages() -> None:
    """Take away all that has had its time, once a night and for so long at most; the next night goes on."""
    with nights_work(Work.PRUNE, hour=_NIGHT_HOUR, now=timezone.now()) as is_due:
        if is_due:
            pruned = list(prune(at=timezone.now(), dry_run=False, seconds=_PRUNE_SECONDS))
            log.info("pruned", **{part.kind.replace(" ", "_"): part.number for part in pruned if part.number})


@_alone
def watch() -> None:
    """Check the invariants of what is open and of the last hours; `watch_everything` checks the rest."""
    _tell(reconcile_lately(), "lately")


def watch_everything() -> None:
    """Check the invariants of everything that ever happened, once a night."""
    with nights_work(Work.WATCH_EVERYTHING, hour=_NIGHT_HOUR, now=timezone.now()) as is_due:
        if is_due:
            _tell(reconcile(files=False, longest_query_seconds=_LONGEST_QUERY_SECONDS), "everything")


def _tell(findings: list[Finding], check: Check) -> None:
    """Every finding is an error that somebody must look at."""
    for finding in findings:
        log.error("invariant_broken", **asdict(finding))
    remember_watch(findings=len(findings), at=timezone.now(), check=check)
