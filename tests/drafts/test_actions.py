"""A draft lives under its token, is claimed once, and is limited by address."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.drafts import queries
from apps.drafts.actions import (
    DraftText,
    SavedDraft,
    claim_draft,
    delete_expired,
    forget_draft,
    note_ordered,
    rewrite_draft,
    save_draft,
)
from apps.drafts.models import DraftPrompt
from apps.drafts.options import DraftOptions
from canvascast.errors import Invalid, NotFound, RateLimited

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
IDEA = "Why do cats purr at night?"


@pytest.fixture(autouse=True)
def _now(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner@example.com")


@pytest.fixture
def stranger() -> User:
    return User.objects.create_user("stranger@example.com")


def save(prompt: str = IDEA, *, token: str = "", address: str = "192.0.2.1", user=None, at=NOW, **more) -> SavedDraft:
    order = DraftText(prompt, more.get("transcript", ""), more.get("options", DraftOptions()))
    return save_draft(token=token, client_address=address, order=order, user=user, at=at)


def test_saved_draft_is_found_by_its_token():
    saved = save(options=DraftOptions(niche_preset="science", target_minutes=2))

    draft = queries.draft_of_token(saved.token)

    assert (draft.draft_id, draft.prompt, draft.options) == (
        saved.draft_id,
        IDEA,
        {"nichePreset": "science", "targetMinutes": 2.0},
    )


def test_text_that_is_taken_away_is_gone_and_others_stay(owner: User):
    mine, other = save(), save(address="192.0.2.2")
    claimed = save(address="192.0.2.3")
    claim_draft(token=claimed.token, user=owner, at=NOW)

    assert [forget_draft(token=token) for token in (mine.token, mine.token, claimed.token, "")] == [1, 0, 0, 0]

    assert {row.pk for row in DraftPrompt.objects.all()} == {other.draft_id, claimed.draft_id}


def test_token_has_256_bits_and_is_not_stored():
    saved = save()

    row = DraftPrompt.objects.get()
    assert len(saved.token) == 43
    assert saved.token not in (row.token_hash, row.ip_hash)
    assert len(row.token_hash) == 64


def test_address_is_not_stored():
    save(address="192.0.2.77")

    assert "192.0.2.77" not in str(DraftPrompt.objects.values())


def test_latest_draft_of_a_token_wins():
    first = save()
    second = save("Another idea altogether", token=first.token)

    assert second.token == first.token
    assert queries.draft_of_token(first.token).prompt == "Another idea altogether"


@pytest.mark.parametrize("token", ["made-up", "0" * 5_000, "\ud800", "é"])
def test_token_of_the_visitor_s_own_making_is_not_taken_over(token):
    saved = save(token=token)

    assert saved.token != token
    with pytest.raises(NotFound):
        queries.draft_of_token(token)


def test_expired_token_gets_a_new_one():
    old = save(at=NOW - timedelta(days=8))

    assert save(token=old.token).token != old.token


def test_replaced_draft_still_counts_against_its_address():
    token = save().token
    for _ in range(9):
        save(token=token)

    with pytest.raises(RateLimited):
        save(token=token)


def test_replaced_draft_goes_after_the_hour(owner):
    first = save()
    save("Another idea altogether", token=first.token)

    assert delete_expired(at=NOW + timedelta(minutes=59)) == 0
    assert delete_expired(at=NOW + timedelta(hours=1)) == 1
    assert DraftPrompt.objects.get().prompt == "Another idea altogether"


def test_claimed_draft_belongs_to_the_user(owner):
    saved = save()

    claimed = claim_draft(token=saved.token, user=owner, at=NOW)

    assert claimed == saved.draft_id
    assert queries.draft_for(owner, saved.draft_id).prompt == IDEA
    assert queries.newest_draft_for(owner).draft_id == saved.draft_id


def test_claimed_draft_cannot_be_claimed_again(owner, stranger):
    saved = save()
    claim_draft(token=saved.token, user=owner, at=NOW)

    assert claim_draft(token=saved.token, user=stranger, at=NOW) is None
    assert claim_draft(token=saved.token, user=owner, at=NOW) is None
    assert DraftPrompt.objects.get().user == owner


def test_token_is_dead_after_the_claim(owner):
    saved = save()
    claim_draft(token=saved.token, user=owner, at=NOW)

    with pytest.raises(NotFound):
        queries.draft_of_token(saved.token)
    assert save("Another idea altogether", token=saved.token).token != saved.token


@pytest.mark.goal("S11")
def test_only_the_newest_draft_of_a_token_can_be_claimed(owner):
    first = save()
    second = save("Another idea altogether", token=first.token)

    assert claim_draft(token=first.token, user=owner, at=NOW) == second.draft_id
    assert claim_draft(token=first.token, user=owner, at=NOW) is None


@pytest.mark.goal("S11")
@pytest.mark.parametrize("token", ["", "made-up", "x" * 43, "\ud800", "\x00"])
def test_foreign_token_claims_nothing(owner, token):
    save()

    assert claim_draft(token=token, user=owner, at=NOW) is None
    assert DraftPrompt.objects.get().user is None


@pytest.mark.goal("S11")
def test_stored_hash_is_no_token(owner):
    save()

    assert claim_draft(token=DraftPrompt.objects.get().token_hash, user=owner, at=NOW) is None


@pytest.mark.goal("S11")
def test_stolen_token_takes_nothing_once_its_owner_has_claimed(owner, stranger):
    saved = save()
    claim_draft(token=saved.token, user=owner, at=NOW)

    assert claim_draft(token=saved.token, user=stranger, at=NOW) is None
    assert DraftPrompt.objects.get().user == owner


@pytest.mark.goal("S11")
@pytest.mark.parametrize(("age", "claims"), [(timedelta(days=7, seconds=-1), 1), (timedelta(days=7), 0)])
def test_draft_can_be_claimed_for_seven_days(owner, age, claims):
    saved = save()

    claim_draft(token=saved.token, user=owner, at=NOW + age)

    assert DraftPrompt.objects.filter(user=owner).count() == claims


def test_draft_of_a_signed_in_user_is_theirs_at_once(owner):
    saved = save(user=owner)

    assert saved.token == ""
    assert queries.draft_for(owner, saved.draft_id).prompt == IDEA


def test_draft_of_another_user_is_not_found(owner, stranger):
    saved = save(user=owner)

    with pytest.raises(NotFound):
        queries.draft_for(stranger, saved.draft_id)
    with pytest.raises(NotFound):
        queries.newest_draft_for(stranger)


def test_eleventh_draft_within_an_hour_is_refused_with_the_wait():
    for minute in range(10):
        save(at=NOW + timedelta(minutes=minute))

    with pytest.raises(RateLimited) as refused:
        save(at=NOW + timedelta(minutes=20))

    assert refused.value.details == {"retryAfterSeconds": 40 * 60}
    assert DraftPrompt.objects.count() == 10


def test_address_is_free_again_after_the_wait():
    for minute in range(10):
        save(at=NOW + timedelta(minutes=minute))

    save(at=NOW + timedelta(minutes=60))

    assert DraftPrompt.objects.count() == 11


def test_another_address_is_not_limited():
    for _ in range(10):
        save()

    save(address="192.0.2.2")

    assert DraftPrompt.objects.count() == 11


def test_user_keeps_a_draft_whatever_visitors_keep_at_their_address(owner, stranger):
    for _ in range(10):
        save()
    save(user=stranger)

    saved = save(user=owner)

    assert queries.draft_for(owner, saved.draft_id).prompt == IDEA
    assert {row.ip_hash for row in DraftPrompt.objects.filter(user__isnull=False)} == {""}


@pytest.mark.slow
def test_users_drafts_leave_the_room_of_visitors_at_their_address(owner):
    for _ in range(10):
        save(user=owner)

    save()

    assert DraftPrompt.objects.count() == 11


def test_eleventh_draft_of_a_user_within_an_hour_is_refused_wherever_they_are(owner):
    claim_draft(token=save(address="192.0.2.1").token, user=owner, at=NOW)
    for number in range(2, 11):
        save(user=owner, address=f"192.0.2.{number}")

    with pytest.raises(RateLimited) as refused:
        save(user=owner, address="192.0.2.11", at=NOW + timedelta(minutes=20))

    assert refused.value.sentence == "You can keep 10 drafts an hour, and have. Please try again in 40 minutes."
    assert DraftPrompt.objects.count() == 10


@pytest.mark.slow
def test_draft_that_is_rewritten_is_counted_once_and_kept_anew(owner, stranger):
    saved = save(user=owner)

    for day in range(11):
        rewrite_draft(
            draft_id=saved.draft_id,
            user=owner,
            order=DraftText("Another idea altogether"),
            at=NOW + timedelta(days=day),
        )
    with pytest.raises(NotFound):
        rewrite_draft(draft_id=saved.draft_id, user=stranger, order=DraftText(IDEA), at=NOW)

    row = DraftPrompt.objects.get()
    assert (row.prompt, row.expires_at) == ("Another idea altogether", NOW + timedelta(days=40))


def test_ordered_draft_is_not_rewritten(owner):
    saved = save(user=owner)
    note_ordered(user=owner, draft_id=saved.draft_id, prompt="", transcript="", at=NOW)

    with pytest.raises(NotFound):
        rewrite_draft(draft_id=saved.draft_id, user=owner, order=DraftText("Another idea altogether"), at=NOW)

    assert DraftPrompt.objects.get().prompt == IDEA


@pytest.mark.parametrize(
    ("first", "second", "accepted"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", 10),
        ("2001:db8::1", "2001:db8:0:1::1", 11),
        ("::ffff:192.0.2.9", "192.0.2.9", 10),
    ],
)
def test_customer_s_ipv6_network_counts_as_one_address(first, second, accepted):
    for _ in range(10):
        save(address=first)

    with contextlib.suppress(RateLimited):
        save(address=second)

    assert DraftPrompt.objects.count() == accepted


@pytest.mark.parametrize("length", [10, 5_000])
def test_prompt_at_the_limit_is_kept(length):
    assert queries.draft_of_token(save("x" * length).token).prompt == "x" * length


@pytest.mark.parametrize("length", [10, 50_000])
def test_script_at_the_limit_is_kept(length):
    saved = save("", transcript="x" * length)

    assert queries.draft_of_token(saved.token).transcript == "x" * length


@pytest.mark.parametrize(
    ("prompt", "transcript", "field"),
    [
        ("", "", "promptText"),
        ("x" * 9, "", "promptText"),
        (" " * 20, "", "promptText"),
        ("\x00" * 20, "", "promptText"),
        ("x" * 5_001, "", "promptText"),
        ("x" * 5_001, "x" * 20, "promptText"),
        ("", "x" * 9, "transcriptText"),
        (IDEA, "x" * 9, "transcriptText"),
        ("", "x" * 50_001, "transcriptText"),
    ],
)
def test_text_beyond_the_limits_is_refused_at_its_field(prompt, transcript, field):
    with pytest.raises(Invalid) as refused:
        save(prompt, transcript=transcript)

    assert refused.value.details == {field: refused.value.sentence}
    assert not DraftPrompt.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Why do cats\x00 purr?", "Why do cats purr?"),
        ("line one\r\nline two\rline three", "line one\nline two\nline three"),
        ("cafe\u0301 and its \ue000 history", "café and its  history"),
        ("broken \ud800 surrogate", "broken  surrogate"),
        ("👩‍🚀 astronauts in space 🚀", "👩‍🚀 astronauts in space 🚀"),
        ("\u202eright to left\u202c text", "\u202eright to left\u202c text"),
        ("'; DROP TABLE draft_prompts; --", "'; DROP TABLE draft_prompts; --"),
    ],
)
def test_text_is_kept_without_what_cannot_be_stored(typed, kept):
    assert queries.draft_of_token(save(typed).token).prompt == kept


def test_expired_drafts_are_deleted_a_bounded_number_at_a_time(owner):
    for number in range(4):
        save(address=str(number))
    save(user=owner, address="5")

    assert delete_expired(at=NOW + timedelta(days=8), limit=3) == 3
    assert delete_expired(at=NOW + timedelta(days=8), limit=3) == 1
    assert DraftPrompt.objects.get().user == owner
    assert delete_expired(at=NOW + timedelta(days=30)) == 1


def test_database_refuses_two_drafts_under_one_token():
    save()
    row = DraftPrompt.objects.get()

    with pytest.raises(IntegrityError, match="draft_prompts_one_a_token"), transaction.atomic():
        DraftPrompt.objects.create(token_hash=row.token_hash, prompt=IDEA, expires_at=NOW)


def test_database_refuses_a_claimed_draft_with_a_token(owner):
    with pytest.raises(IntegrityError, match="draft_prompts_claimed_has_no_token"), transaction.atomic():
        DraftPrompt.objects.create(token_hash="a" * 64, prompt=IDEA, user=owner, claimed_at=NOW, expires_at=NOW)
