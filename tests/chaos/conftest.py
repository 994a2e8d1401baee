from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.accounts.models import User


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner@example.com")


@pytest.fixture
def figure(capsys) -> Callable[[str], None]:
    """Print a line of measured figures past pytest's capture."""

    def show(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", end="")  # noqa: T201 - the figures are what these tests are run for

    return show
