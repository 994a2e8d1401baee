"""Writes facts, in the transaction of what they tell, and takes away those that have had their time."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from canvascast.funnel.models import Fact, FactKind
from canvascast.funnel.subjects import person_of, subject_of, visitor_of

_LONGEST_DETAIL = 40


def record(
    kind: FactKind, *, about: object, at: datetime, user_id: UUID | None = None, token_hash: str = "", detail: str = ""
) -> None:
    """Note that it happened, once for each `about`, which is the id of the row that it happened to.

    `detail` is one of the product's own words and never anybody's text; signs that those do not have are left out.
    """
    fact = Fact(
        kind=kind,
        at=at,
        once=subject_of(about),
        visitor=visitor_of(token_hash) if token_hash else None,
        person=person_of(user_id) if user_id else None,
        detail=re.sub(r"[^a-z0-9_-]", "", detail.lower())[:_LONGEST_DETAIL],
    )
    Fact.objects.bulk_create([fact], ignore_conflicts=True)


def delete_old(*, limit: int = 5_000) -> int:
    """Delete at most `limit` facts older than FUNNEL_DAYS, oldest first; the table lets go of no others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('canvascast.funnel_days', %s, true)", [str(settings.FUNNEL_DAYS)])
        cursor.execute(
            "DELETE FROM funnel_facts WHERE id IN ("
            "SELECT id FROM funnel_facts WHERE at < now() - make_interval(days => %s) ORDER BY at LIMIT %s)",
            [settings.FUNNEL_DAYS, limit],
        )
        return int(cursor.rowcount)
