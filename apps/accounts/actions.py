"""Writes about users; imports no other app."""

from __future__ import annotations

from apps.accounts.models import User

OPERATOR_EMAIL = "operator@localhost"


def operator_account() -> User:
    """Return the user that owns what is made from the command line; it cannot log in."""
    user, created = User.objects.get_or_create(email=OPERATOR_EMAIL)
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
