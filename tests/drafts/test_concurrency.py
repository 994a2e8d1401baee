"""Many at once: one winner a draft, ten drafts an address."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.drafts.actions import DraftText, claim_draft, save_draft
from apps.drafts.models import DraftPrompt
from canvascast.errors import RateLimited
from tests.parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 50


@pytest.mark.goal("S11")
def test_fifty_claims_of_one_draft_have_one_winner():
    users = [User.objects.create_user(f"user{number}@example.com") for number in range(CLIENTS)]
    order = DraftText("Why do cats purr at night?")
    saved = save_draft(token="", client_address="192.0.2.1", order=order, user=None, at=timezone.now())

    claims = at_once(lambda number: claim_draft(token=saved.token, user=users[number], at=timezone.now()))

    winners = [number for number, claimed in enumerate(claims) if claimed is not None]
    assert len(winners) == 1
    assert claims[winners[0]] == saved.draft_id
    assert DraftPrompt.objects.get().user == users[winners[0]]


@pytest.mark.goal("S9")
def test_fifty_saves_from_one_address_keep_ten():
    def save(number: int) -> bool:
        order = DraftText(f"Idea number {number} of many")
        try:
            save_draft(token="", client_address="192.0.2.1", order=order, user=None, at=timezone.now())
        except RateLimited:
            return False
        return True

    assert sum(at_once(save)) == 10
    assert DraftPrompt.objects.count() == 10


def test_fifty_saves_under_one_token_leave_one_open_draft():
    order = DraftText("Why do cats purr at night?")
    first = save_draft(token="", client_address="192.0.2.99", order=order, user=None, at=timezone.now())

    saved = at_once(
        lambda number: save_draft(
            token=first.token, client_address=f"192.0.2.{number}", order=order, user=None, at=timezone.now()
        )
    )

    assert {draft.token for draft in saved} == {first.token}
    assert DraftPrompt.objects.exclude(token_hash="").count() == 1
