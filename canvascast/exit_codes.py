"""What a command ends with, beside 0: people read its sentence, scripts this number."""

from __future__ import annotations

FAILED = 1
"""What was asked for did not come about, or something was found that is not as it should be."""
BAD_USE = 2
"""The command was given something that it cannot serve; nothing was begun."""
NOTHING_TO_DO = 3
"""It is done already, or there is nothing that it could be done to."""
