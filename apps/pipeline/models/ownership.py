"""The one place that decides whose row a row is."""

from __future__ import annotations

from typing import Self

from django.db import models

from apps.accounts.models import User


class OwnedQuerySet(models.QuerySet):  # type: ignore[type-arg]  # shared by several models, each gives its own row type
    """For models with a `user` column."""

    def for_user(self, user: User) -> Self:
        """Return only the rows that belong to `user`."""
        return self.filter(user=user)
