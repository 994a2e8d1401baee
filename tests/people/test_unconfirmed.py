"""An account whose address nobody confirmed goes after a week; one that somebody or something needs does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.utils import timezone

from apps.accounts.actions import operator_account
from apps.accounts.models import Profile, User
from apps.billing import ledger
from apps.billing.models import Source
from apps.drafts.models import DraftPrompt
from apps.notifications.models import MailEvent, SuppressedMailbox
from canvascast.operations.old_rows import OLD_ROWS, take_away_old_rows
from canvascast.operations.unconfirmed import delete_accounts, unconfirmed_accounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(db) -> User:
    """Somebody who signed up eight days ago and never typed the code."""
    return signed_up("ada@example.com", days=8)


def signed_up(email: str, *, days: float) -> User:
    user = User.objects.create_user(email, created_at=timezone.now() - timedelta(days=days))
    EmailAddress.objects.create(user=user, email=email, primary=True)
    return user


def take_away() -> int:
    (rows,) = [rows for rows in OLD_ROWS if rows.kind == "accounts never confirmed"]
    return take_away_old_rows(rows, at=timezone.now())


def test_account_goes_with_its_address_and_the_news_about_it(newcomer):
    young = signed_up("eve@example.com", days=6.9)
    for user in (newcomer, young):
        SocialAccount.objects.create(user=user, provider="google", uid=user.email)
        MailEvent.objects.create(event_id=user.email, recipient=user.email, kind="bounced", happened_at=timezone.now())
        SuppressedMailbox.objects.create(address=user.email, reason="bounced", since=timezone.now())

    assert take_away() == 1

    assert User.objects.get() == young
    for model in (EmailAddress, SocialAccount):
        assert model.objects.get().user == young
    assert MailEvent.objects.get().recipient == SuppressedMailbox.objects.get().address == young.email


@pytest.mark.slow
def test_address_can_be_used_again(client, newcomer, mailoutbox):
    take_away()

    client.post("/accounts/signup/", {"email": newcomer.email})

    assert mailoutbox[0].subject != "You have a CanvasCast account already"
    assert User.objects.get().email == newcomer.email


def confirm(user: User) -> None:
    EmailAddress.objects.filter(user=user).update(verified=True)


def come_in(user: User) -> None:
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())


def have_profile(user: User) -> None:
    Profile.objects.create(user=user)


def get_credits(user: User) -> None:
    ledger.grant(user_id=user.pk, credits=1, source=Source.GIFT, reason="gift", key="gift", at=timezone.now())


def have_draft(user: User) -> None:
    now = timezone.now()
    DraftPrompt.objects.create(user=user, claimed_at=now, token_hash="", prompt="why cats purr", expires_at=now)


def work_here(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)


def be_switched_off(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def have_no_address(user: User) -> None:
    EmailAddress.objects.filter(user=user).delete()


DEEDS = (confirm, come_in, have_profile, get_credits, have_draft, work_here, be_switched_off, have_no_address)


def test_accounts_that_are_more_than_a_sign_up_stay(db):
    for deed in DEEDS:
        deed(signed_up(f"{deed.__name__}@example.com", days=8))

    assert take_away() == 0
    assert {user.email.partition("@")[0] for user in User.objects.all()} == {deed.__name__ for deed in DEEDS}


@pytest.mark.slow
def test_account_of_the_command_line_stays(db):
    operator_account()
    User.objects.update(created_at=timezone.now() - timedelta(days=99))

    assert take_away() == 0
    assert User.objects.exists()


@pytest.mark.slow
def test_somebody_who_comes_in_between_the_first_look_and_the_lock_stays(newcomer):
    def come_in_first(execute, sql, *rest):
        if "FOR UPDATE" in sql and not Profile.objects.exists():
            Profile.objects.create(user=newcomer)
        return execute(sql, *rest)

    with connection.execute_wrapper(come_in_first):
        assert delete_accounts(unconfirmed_accounts(timezone.now())) == 0

    assert Profile.objects.get().user == newcomer
