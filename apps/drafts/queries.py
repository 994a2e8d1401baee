"""Reads about drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.drafts.models import DraftPrompt
from apps.drafts.tokens import token_hash
from canvascast.errors import NotFound


@dataclass(frozen=True)
class Draft:
    """A kept text. `options` has the chosen ones by their names in the API."""

    draft_id: UUID
    prompt: str
    transcript: str
    options: Mapping[str, str | float | bool]
    created_at: datetime
    expires_at: datetime

    @property
    def words(self) -> str:
        """The text that counts."""
        return self.transcript or self.prompt


def draft_of_token(token: str) -> Draft:
    """Return the unclaimed draft of a visitor's token. Raises NotFound."""
    if not token:
        raise NotFound
    return _newest(DraftPrompt.objects.filter(token_hash=token_hash(token), user__isnull=True))


def draft_for(user: User, draft_id: UUID) -> Draft:
    """Return one draft that `user` claimed or saved. Raises NotFound."""
    return _newest(DraftPrompt.objects.filter(user=user, pk=draft_id))


def newest_draft_for(user: User) -> Draft:
    """Return the draft that `user` claimed or saved last. Raises NotFound."""
    return _newest(DraftPrompt.objects.filter(user=user))


def waiting_draft_for(user: User) -> Draft:
    """Return the newest draft of `user` with which no video was ordered yet. Raises NotFound."""
    return _newest(DraftPrompt.objects.filter(user=user, ordered_at__isnull=True))


def _newest(rows: QuerySet[DraftPrompt]) -> Draft:
    row = rows.filter(expires_at__gt=timezone.now()).order_by("-created_at").first()
    if row is None:
        raise NotFound
    return Draft(row.pk, row.prompt, row.transcript, row.options, row.created_at, row.expires_at)
