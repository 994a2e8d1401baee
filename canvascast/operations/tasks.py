"""What the queue calls. A second delivery finds nothing left to do."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone


def export_user(export_id: str) -> None:
    """Make the export that a user asked for."""
    from canvascast.operations.export import make_export

    make_export(export_id=UUID(export_id), at=timezone.now())


def erase_user(user_id: str) -> None:
    """Erase the user who closed their account."""
    from apps.accounts.models import User
    from canvascast.operations import erasure

    erasure.erase_user(user=User.objects.get(pk=user_id), at=timezone.now())
