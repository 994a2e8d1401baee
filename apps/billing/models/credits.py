"""Credits: a wallet per user, the append-only ledger it is the fold of, and the lots that credits come in."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Kind(models.TextChoices):
    GRANT = "GRANT"
    RESERVE = "RESERVE"
    FINALIZE = "FINALIZE"
    RELEASE = "RELEASE"
    PURCHASE = "PURCHASE"
    REFUND = "REFUND"
    ADJUST = "ADJUST"
    EXPIRE = "EXPIRE"


class Wallet(models.Model):
    """What a user can spend, what is set aside for open videos, what is owed. Only the ledger's trigger writes it.

    What comes in pays what is owed first, so that nothing is available while there is a debt.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.PROTECT, related_name="wallet"
    )
    available = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    debt = models.IntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "wallets"
        constraints = [
            models.CheckConstraint(name="wallets_available_not_negative", condition=Q(available__gte=0)),
            models.CheckConstraint(name="wallets_held_not_negative", condition=Q(held__gte=0)),
            models.CheckConstraint(name="wallets_debt_not_negative", condition=Q(debt__gte=0)),
            models.CheckConstraint(name="wallets_debt_only_when_empty", condition=Q(debt=0) | Q(available=0)),
        ]

    def __str__(self) -> str:
        return f"{self.available} available, {self.held} held, {self.debt} owed"


_SIGNS = (
    Q(kind__in=[Kind.GRANT, Kind.PURCHASE], d_available__gte=0, d_held=0, d_debt__gte=0, d_external__lt=0)
    | Q(kind=Kind.RESERVE, d_available__lt=0, d_debt=0, d_external=0)
    | Q(kind=Kind.FINALIZE, d_available__gte=0, d_held__lt=0, d_debt__gte=0, d_external__gte=0)
    | Q(kind=Kind.RELEASE, d_available__gte=0, d_held__lt=0, d_debt__gte=0, d_external=0)
    | Q(kind=Kind.REFUND, d_available__lte=0, d_held=0, d_debt__lte=0, d_external__gt=0)
    | Q(kind=Kind.ADJUST, d_available__gte=0, d_held=0, d_debt__gte=0, d_external__lt=0)
    | Q(kind__in=[Kind.ADJUST, Kind.EXPIRE], d_available__lt=0, d_held=0, d_debt=0)
)


class LedgerEntry(models.Model):
    """One movement of credits, double entry in one row: what leaves one column arrives in another.

    `d_debt` is minus the growth of what the user owes, so that the four columns always sum to zero. `overrun` is what a
    finished video cost above its reservation and the platform bore. Triggers refuse to change or delete rows; only a
    title can be blanked, when its user is erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ledger_entries")
    seq = models.PositiveIntegerField(db_default=0, help_text="1, 2, 3 … per user, without gaps; a trigger counts")
    kind = models.CharField(max_length=10, choices=Kind)
    d_available = models.IntegerField(default=0)
    d_held = models.IntegerField(default=0)
    d_debt = models.IntegerField(default=0)
    d_external = models.IntegerField(default=0)
    overrun = models.PositiveIntegerField(default=0)
    job_id = models.UUIDField(null=True, blank=True)
    project_id = models.UUIDField(null=True, blank=True)
    title = models.CharField(max_length=200, blank=True, help_text="of the video, as it was then")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="ledger_entries_made"
    )
    idempotency_key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "credit_ledger"
        verbose_name_plural = "ledger entries"
        ordering: ClassVar[list[str]] = ["user", "seq"]
        constraints = [
            models.UniqueConstraint(name="credit_ledger_seq", fields=["user", "seq"]),
            models.CheckConstraint(
                name="credit_ledger_sums_to_zero",
                condition=Q(d_external=-F("d_available") - F("d_held") - F("d_debt")),
            ),
            models.CheckConstraint(name="credit_ledger_signs_by_kind", condition=_SIGNS),
            models.CheckConstraint(
                name="credit_ledger_overrun_of_finalize", condition=Q(overrun=0) | Q(kind=Kind.FINALIZE)
            ),
            models.UniqueConstraint(
                name="credit_ledger_one_reserve", fields=["job_id"], condition=Q(kind=Kind.RESERVE)
            ),
            models.UniqueConstraint(
                name="credit_ledger_one_settlement",
                fields=["job_id"],
                condition=Q(kind__in=[Kind.FINALIZE, Kind.RELEASE]),
            ),
            models.CheckConstraint(
                name="credit_ledger_job_iff_video",
                condition=Q(kind__in=[Kind.RESERVE, Kind.FINALIZE, Kind.RELEASE], job_id__isnull=False)
                | (~Q(kind__in=[Kind.RESERVE, Kind.FINALIZE, Kind.RELEASE]) & Q(job_id__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="credit_ledger_by_user"),
            models.Index(fields=["created_at"], name="credit_ledger_by_time"),
            models.Index(fields=["job_id"], name="credit_ledger_by_job", condition=Q(job_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.d_available:+d}"


class Source(models.TextChoices):
    TRIAL = "trial"
    GIFT = "gift"
    PACK = "pack"
    PLAN = "plan"


class CreditLot(models.Model):
    """Credits that came together and expire together.

    `remaining` is what is neither spent, held nor expired; only the trigger of the allocations changes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="credit_lots")
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="lot")
    source = models.CharField(max_length=8, choices=Source)
    credits = models.PositiveIntegerField()
    remaining = models.PositiveIntegerField()
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "credit_lots"
        constraints = [
            models.CheckConstraint(name="credit_lots_remaining_within", condition=Q(remaining__lte=F("credits"))),
        ]
        indexes = [
            models.Index(fields=["user", "expires_at"], name="credit_lots_unspent", condition=Q(remaining__gt=0)),
            models.Index(fields=["expires_at"], name="credit_lots_expiring", condition=Q(remaining__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.remaining} of {self.credits} {self.source}"


class LotAllocation(models.Model):
    """How many credits of a lot one ledger entry took (positive) or gave back (negative)."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="allocations")
    lot = models.ForeignKey(CreditLot, on_delete=models.PROTECT, related_name="allocations")
    credits = models.IntegerField()

    class Meta:
        db_table = "lot_allocations"
        constraints = [
            models.UniqueConstraint(name="lot_allocations_once", fields=["entry", "lot"]),
            models.CheckConstraint(name="lot_allocations_not_zero", condition=~Q(credits=0)),
        ]

    def __str__(self) -> str:
        return f"{self.credits:+d}"


class TrialGrant(models.Model):
    """That a mailbox had its trial credits, as an HMAC of the normalised mailbox. Outlives the user's erasure."""

    mailbox_hmac = models.CharField(max_length=64, primary_key=True)
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="trial_grant")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "trial_grants"
        indexes = [models.Index(fields=["created_at"], name="trial_grants_by_day")]

    def __str__(self) -> str:
        return self.mailbox_hmac[:8]
