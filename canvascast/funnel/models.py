"""What happened on the way from a text to a customer: one row a fact, never changed, about nobody by name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class FactKind(models.TextChoices):
    DRAFT_CREATED = "draft_created", "Text left"
    DRAFT_CLAIMED = "draft_claimed", "Text taken over"
    SIGNED_UP = "signed_up", "Signed up"
    VIDEO_ORDERED = "video_ordered", "Video ordered"
    VIDEO_READY = "video_ready", "Video ready"
    VIDEO_FAILED = "video_failed", "Video failed"
    DOWNLOADED = "downloaded", "File downloaded"
    CHECKOUT_OPENED = "checkout_opened", "Checkout opened"
    PAID = "paid", "Paid"
    PLAN_STARTED = "plan_started", "Plan started"
    PLAN_ENDED = "plan_ended", "Plan ended"
    ACCOUNT_ERASED = "account_erased", "Account erased"


class Fact(models.Model):
    """`once` is a keyed hash of what the fact is about: the same fact told twice is one row.

    `visitor` and `person` are keyed hashes (`subjects.py`) of a browser's draft token and of a user's id. `detail` is
    one of our own words: a way to sign up, a kind of file, an item, an error's code.
    """

    kind = models.CharField(max_length=20, choices=FactKind)
    at = models.DateTimeField()
    once = models.UUIDField()
    visitor = models.UUIDField(null=True)
    person = models.UUIDField(null=True)
    detail = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "funnel_facts"
        verbose_name = "funnel"
        verbose_name_plural = "funnel"
        constraints = [
            models.UniqueConstraint(fields=["kind", "once"], name="funnel_facts_once"),
            models.CheckConstraint(name="funnel_facts_kind", condition=Q(kind__in=FactKind.values)),
            models.CheckConstraint(name="funnel_facts_own_words", condition=Q(detail__regex=r"^[a-z0-9_-]*$")),
        ]
        indexes = [
            models.Index(fields=["at", "kind", "detail"], name="funnel_facts_by_time"),
            models.Index(fields=["visitor"], name="funnel_facts_by_visitor", condition=Q(kind="draft_claimed")),
            models.Index(fields=["person", "kind"], name="funnel_facts_by_person", condition=Q(person__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.detail}".strip()
