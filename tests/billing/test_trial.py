"""Ten credits, once a mailbox, for mailboxes that last, within a day's budget."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import CreditLot, LedgerEntry, Source, TrialGrant
from apps.billing.queries import balance
from tests.billing.moves import NOW
from tests.chaos.clients import storm

pytestmark = pytest.mark.django_db


def users(count: int) -> list[User]:
    return [User.objects.create_user(f"user{number}@example.com") for number in range(count)]


def try_out(user: User, mailbox: str, at=NOW) -> LedgerEntry | None:
    return ledger.grant_trial(user_id=user.pk, mailbox=mailbox, at=at)


def test_new_mailbox_gets_ten_credits_that_never_expire(owner: User):
    entry = try_out(owner, "ann@example.com")

    assert balance(owner.pk).available == 10
    assert (entry.lot.source, entry.lot.expires_at) == (Source.TRIAL, None)


def test_mailbox_is_kept_as_a_digest(owner: User):
    try_out(owner, "ann@example.com")

    digest = TrialGrant.objects.get().mailbox_hmac
    assert len(digest) == 64
    assert "ann" not in digest


def test_second_account_of_a_mailbox_gets_nothing(owner: User, staff: User):
    try_out(owner, "ann@example.com")

    assert try_out(staff, "ann@example.com") is None
    assert CreditLot.objects.count() == 1


def test_second_mailbox_of_an_account_gets_nothing(owner: User):
    try_out(owner, "ann@example.com")

    assert try_out(owner, "ann@example.org") is None
    assert balance(owner.pk).available == 10


def test_digest_depends_on_the_key(owner: User, staff: User, settings):
    try_out(owner, "ann@example.com")
    settings.MAILBOX_HMAC_KEY = "another"  # pragma: allowlist secret

    try_out(staff, "ann@example.com")

    assert TrialGrant.objects.values("mailbox_hmac").distinct().count() == 2


@pytest.mark.parametrize("mailbox", ["ann@mailinator.com", "ann@inbox.mailinator.com", "ann@0-mail.com"])
def test_throw_away_mailbox_gets_nothing(owner: User, mailbox: str):
    assert try_out(owner, mailbox) is None
    assert not LedgerEntry.objects.exists()


def test_day_s_budget_ends_and_the_next_day_has_its_own(settings):
    settings.TRIAL_BUDGET_CREDITS = 25
    first, second, third, fourth = users(4)

    assert try_out(first, "a@example.com")
    assert try_out(second, "b@example.com")
    assert try_out(third, "c@example.com") is None
    assert try_out(fourth, "d@example.com", at=NOW + timedelta(days=1))
    assert try_out(third, "c@example.com", at=NOW + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_fifty_accounts_of_one_mailbox_at_once_get_one_trial():
    outcome = storm(lambda user: try_out(user, "ann@example.com"), users(50), clients=50)

    assert outcome.raised() == []
    assert sum(entry is not None for entry in outcome.returned()) == 1
    assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_mailboxes_at_once_stay_within_the_budget(settings):
    settings.TRIAL_BUDGET_CREDITS = 100
    cases = [(user, f"{number}@example.com") for number, user in enumerate(users(50))]

    outcome = storm(lambda case: try_out(*case), cases, clients=50)

    assert outcome.raised() == []
    assert sum(entry is not None for entry in outcome.returned()) == 10
