"""People who use the API, and programs that do it for them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from canvascast.api.throttles import forget_reads


@pytest.fixture(autouse=True)
def _reads_start_anew():
    forget_reads()


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner@example.com")


@pytest.fixture
def stranger(db) -> User:
    return User.objects.create_user("stranger@example.com")


@pytest.fixture
def browser(owner) -> Client:
    """The owner's browser; pages of ours would add the CSRF token that this client need not send."""
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def program(owner) -> Client:
    """A program with a key of the owner."""
    _, secret = create_key(user=owner, name="tests", at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})
