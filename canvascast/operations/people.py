"""Finding the person that an operator names."""

from __future__ import annotations

from django.core.management.base import CommandError

from apps.accounts.models import User
from canvascast.exit_codes import BAD_USE


def user_named(email: str) -> User:
    """Return the user with that address, whatever its case. Raises CommandError."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise CommandError(f"There is no user {email}.", returncode=BAD_USE)
    return user
