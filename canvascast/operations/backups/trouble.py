"""What can go wrong with a backup, as sentences for the operator."""

from __future__ import annotations


class BackupTrouble(Exception):
    """It could not be done; the message says why and what to do, without a password or anybody's data."""


class BackupRefused(BackupTrouble):
    """What was asked for cannot be served; nothing was changed."""
