"""People who use the API, and programs that do it for them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from canvascast.api.throttles import forget_reads
from tests.engine.conftest import trivial

__all__ = ["trivial"]


@pytest.fixture(autouse=True)
def _reads_start_anew():
    forget_reads()


@pytest.fixture
def owner(db) -> User:
    return person("owner@example.com", credits=100)


@pytest.fixture
def stranger(db) -> User:
    return person("stranger@example.com", credits=100)


@pytest.fixture
def browser(owner) -> Client:
    """The owner's browser; pages of ours would add the CSRF token that this client need not send."""
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def program(owner) -> Client:
    return key_client(owner)


@pytest.fixture
def foreign_program(stranger) -> Client:
    return key_client(stranger)


def person(email: str, *, credits: int) -> User:
    user = User.objects.create_user(email)
    ledger.grant(user_id=user.pk, credits=credits, source=Source.GIFT, reason="", key=email, at=timezone.now())
    return user


def key_client(user: User, **headers: str) -> Client:
    """Return a program with a new key of the user."""
    _, secret = create_key(user=user, name="tests", at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}", **headers})
