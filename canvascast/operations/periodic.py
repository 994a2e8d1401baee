"""What the `quick` queue does by the clock: take away what has expired, and check that money and work still agree."""

from __future__ import annotations

from dataclasses import asdict

from django.utils import timezone

from apps.billing import ledger
from apps.billing.payments import reconciling
from apps.billing.payments.ending import tell_of_ending_plans
from apps.drafts import actions as drafts
from apps.notifications.webhooks import endpoints as webhooks
from apps.pipeline import expiry, left_files
from canvascast.logs import get_logger
from canvascast.metrics.watched import remember_watch
from canvascast.operations.nights import nights_work
from canvascast.operations.prune import prune, take_up_interrupted
from canvascast.operations.reconcile import reconcile

log = get_logger("operations")

_NIGHT_HOUR = 3
# One of the two processes that also send mail is busy for that long at most.
_PRUNE_SECONDS = 1200


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
        **take_up_interrupted(at=now),
    )


def nightly() -> None:
    """Tell owners of files that expire. Done twice it changes nothing more."""
    log.info("nightly", videos_expiring=expiry.tell_of_expiry(at=timezone.now()))


def reconcile_payments() -> None:
    """Hold Stripe against the ledger, once a night."""
    with nights_work("reconcile_payments", hour=_NIGHT_HOUR, now=timezone.now()) as is_due:
        if is_due:
            reconciling.run_nightly()


def prune_storages() -> None:
    """Take away all that has had its time, once a night and for so long at most; the next night goes on."""
    with nights_work("prune", hour=_NIGHT_HOUR, now=timezone.now()) as is_due:
        if is_due:
            pruned = list(prune(at=timezone.now(), dry_run=False, seconds=_PRUNE_SECONDS))
            log.info("pruned", **{part.kind.replace(" ", "_"): part.number for part in pruned if part.number})


def watch() -> None:
    """Check the invariants of ledger and jobs; every finding is an error that somebody must look at."""
    findings = reconcile(files=False)
    for finding in findings:
        log.error("invariant_broken", **asdict(finding))
    remember_watch(findings=len(findings), at=timezone.now())
