"""People with rows of their own: the database is not emptied between the tests of this folder."""

from __future__ import annotations

import uuid
from importlib import import_module

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone

from apps.accounts import actions, fresh_codes
from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from tests.browser.visit import Visit


def somebody(*, credits: int = 0) -> User:
    """Add somebody with a verified address who has seen the welcome page."""
    user = User.objects.create_user(f"{uuid.uuid4().hex[:12]}@example.com")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    actions.mark_welcomed(user=user, at=timezone.now())
    if credits:
        give(user, credits)
    return user


def give(user: User, credits: int, *, reason: str = "Sorry for the wait") -> None:
    key = f"browser:{uuid.uuid4()}"
    ledger.grant(user_id=user.pk, credits=credits, source=Source.GIFT, reason=reason, key=key, at=timezone.now())


def member(visit: Visit, *, credits: int = 0) -> User:
    """Sign somebody new in."""
    user = somebody(credits=credits)
    visit.sign_in(user)
    return user


def type_fresh_code(visit: Visit, user: User) -> None:
    """Let the window's session be one in which a fresh code was typed."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(visit.session())
    now = timezone.now()
    fresh_codes.redeem(session, user=user, code=fresh_codes.issue(session, user=user, at=now), at=now)
    session.save()
