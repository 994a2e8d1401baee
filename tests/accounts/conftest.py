"""People who come in, and the mail they get."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts import fresh_codes
from apps.accounts.models import User


@pytest.fixture(autouse=True)
def _fresh_limits(request: pytest.FixtureRequest) -> Iterator[None]:
    """Counts of an earlier test do not limit this one where the database is not rolled back."""
    yield
    if request.node.get_closest_marker("django_db"):
        cache.clear()


@pytest.fixture
def code_of() -> Callable[[], str]:
    """The code in the newest mail."""

    def found() -> str:
        codes = re.findall(r"^([0-9A-Z]{3,8}(?:-[0-9A-Z]{3,8})?)$", mail.outbox[-1].body, re.MULTILINE)
        assert len(codes) == 1, mail.outbox[-1].body
        return codes[0]

    return found


@pytest.fixture
def person(db: None) -> User:
    """Somebody with a verified address and no password."""
    user = User.objects.create_user("ada@example.com")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def fresh(signed_in: Client, person: User) -> Client:
    """The same browser, in which a fresh code was typed."""
    session, now = signed_in.session, timezone.now()
    fresh_codes.redeem(session, user=person, code=fresh_codes.issue(session, user=person, at=now), at=now)
    session.save()
    return signed_in
