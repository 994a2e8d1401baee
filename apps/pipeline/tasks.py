"""What django-q2 calls."""

from __future__ import annotations

from uuid import UUID


def run_step(row_id: int) -> None:
    """Look at row `row_id`; a second delivery finds nothing left to do."""
    from apps.pipeline import runner

    runner.work_from(row_id)


def delete_left_files(user_id: str) -> None:
    """Delete the files of videos that the user deleted, if that is still to be done."""
    from apps.pipeline import left_files

    left_files.delete_left(UUID(user_id))


def look_at_voice(profile_id: str) -> None:
    """Learn or clear a user's voice at the vendor, if that is still to be done."""
    from apps.pipeline import voice_learning

    voice_learning.work_on(UUID(profile_id))
