from __future__ import annotations

import pytest

from apps.accounts.models import User


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner@example.com")
