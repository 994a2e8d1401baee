"""Facts are written with what they tell, once, never change, name nobody, and go when their time is over."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.onboarding import come_in
from apps.drafts.actions import DraftText, save_draft
from canvascast.funnel.actions import delete_old, record
from canvascast.funnel.models import Fact, FactKind
from canvascast.funnel.queries import STAGES, cohorts, counts, facts_of, spans
from canvascast.funnel.subjects import person_of
from canvascast.operations.erasure import erase_user

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
PROMPT = "Why do cats purr at night?"


@pytest.fixture
def user() -> User:
    return User.objects.create_user("owner@example.com")


def noted(*columns: str) -> list[tuple]:
    return list(Fact.objects.order_by("pk").values_list("kind", *columns))


def test_text_that_leads_to_an_account_is_one_visitor_and_one_person(user: User):
    saved = save_draft(token="", client_address="192.0.2.1", order=DraftText(prompt=PROMPT), user=None, at=AT)
    come_in(user=user, draft_token=saved.token, at=AT, way="google")
    come_in(user=user, draft_token=saved.token, at=AT, way="google")

    assert noted("detail") == [("draft_created", ""), ("signed_up", "google"), ("draft_claimed", "")]
    created, signed_up, claimed = Fact.objects.order_by("pk")
    assert created.visitor == claimed.visitor
    assert created.person is None
    assert signed_up.person == claimed.person == person_of(user.pk)


def test_fact_is_rolled_back_with_what_it_tells(user: User):
    with transaction.atomic():
        save_draft(token="", client_address="192.0.2.1", order=DraftText(prompt=PROMPT), user=user, at=AT)
        transaction.set_rollback(True)

    assert noted() == []


def test_row_holds_no_id_and_no_text(user: User):
    saved = save_draft(token="", client_address="192.0.2.1", order=DraftText(prompt=PROMPT), user=user, at=AT)
    record(FactKind.VIDEO_FAILED, about="job", at=AT, user_id=user.pk, detail="Why Do Cats@example.com purr")

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(f::text, ' ') FROM funnel_facts f")
        (text,) = cursor.fetchone()
    assert [word for word in (str(user.pk), str(saved.draft_id), "192.0.2.1", "Cats", "@") if word in text] == []
    assert noted("detail")[-1] == ("video_failed", "whydocatsexamplecompurr")


def test_same_fact_twice_is_one_row(user: User):
    for _ in range(2):
        record(FactKind.PAID, about="pi_1", at=AT, user_id=user.pk, detail="pack_pro")

    assert noted() == [("paid",)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE funnel_facts SET detail = 'other'",
        "DELETE FROM funnel_facts",
        "TRUNCATE funnel_facts",
        "SELECT set_config('canvascast.funnel_days', '29', true); DELETE FROM funnel_facts",
        "SELECT set_config('canvascast.funnel_days', '400', true); DELETE FROM funnel_facts",
    ],
)
def test_facts_never_change_and_young_ones_stay(statement: str):
    record(FactKind.PAID, about="pi_1", at=timezone.now() - timedelta(days=399))

    with pytest.raises(IntegrityError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert noted() == [("paid",)]


def test_old_facts_go_a_bounded_number_at_a_time():
    for number in range(3):
        record(FactKind.PAID, about=number, at=timezone.now() - timedelta(days=401 + number), detail=f"n{number}")
    record(FactKind.PAID, about="young", at=timezone.now(), detail="young")

    assert delete_old(limit=2) == 2
    assert noted("detail") == [("paid", "n0"), ("paid", "young")]
    assert (delete_old(), delete_old()) == (1, 0)


def test_database_takes_no_words_but_our_own():
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.create(kind="paid", at=AT, once=person_of(User().pk), detail="Two words")


def test_erasure_leaves_facts_that_lead_to_nobody(user: User):
    record(FactKind.SIGNED_UP, about=user.pk, at=AT, user_id=user.pk, detail="code")

    erase_user(user=user, at=AT)

    assert noted("detail", "person")[-1] == ("account_erased", "", None)
    assert len(facts_of(user.pk)) == 1


def test_counts_are_by_week_with_details_below(user: User):
    for days, way in ((0, "code"), (7, "google"), (7, "code")):
        record(FactKind.SIGNED_UP, about=(days, way), at=AT - timedelta(days=days), detail=way)
    starts = spans("week", at=AT, number=2)

    rows = {(row.kind.value, row.detail): row.numbers for row in counts("week", starts)}

    assert [start.isoformat() for start in starts] == ["2026-11-16", "2026-11-23"]
    assert rows["signed_up", ""] == (2, 1)
    assert rows["signed_up", "code"] == (1, 1)
    assert rows["paid", ""] == (0, 0)


def test_cohort_follows_a_visitor_through_their_account(user: User):
    other = User.objects.create_user("other@example.com")
    save_draft(token="", client_address="192.0.2.1", order=DraftText(prompt=PROMPT), user=None, at=AT)
    saved = save_draft(token="", client_address="192.0.2.2", order=DraftText(prompt=PROMPT), user=None, at=AT)
    come_in(user=user, draft_token=saved.token, at=AT)
    for who in (user, other):
        save_draft(token="", client_address="192.0.2.3", order=DraftText(prompt=PROMPT), user=who, at=AT)
    record(FactKind.CHECKOUT_OPENED, about="cs", at=AT, user_id=other.pk)
    record(FactKind.PAID, about="pi", at=AT, user_id=other.pk)

    (week,) = cohorts(spans("week", at=AT, number=8))

    assert (week.week.isoformat(), week.began) == ("2026-11-23", 3)
    assert week.reached == {**dict.fromkeys(STAGES, 0), "signed_up": 2, "checkout_opened": 1, "paid": 1}


def test_staff_see_the_funnel_in_few_queries(client: Client, user: User, django_assert_max_num_queries):
    member = User.objects.create_superuser("staff@example.com")
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={})
    client.force_login(member)
    save_draft(token="", client_address="192.0.2.1", order=DraftText(prompt=PROMPT), user=user, at=timezone.now())

    for by in ("week", "day"):
        with django_assert_max_num_queries(12):
            answer = client.get(f"/admin/funnel/fact/?by={by}")
        assert answer.status_code == 200
        assert f"What happened by {by}" in answer.content.decode()
        assert "0 (0 %)" in answer.content.decode()


_MILLION = """
INSERT INTO funnel_facts (kind, at, once, visitor, person, detail)
SELECT kind, now() - interval '400 days' * (n %% 250000) / 250000.0, gen_random_uuid(),
    CASE WHEN kind IN ('draft_created', 'draft_claimed') THEN md5('v' || n %% 250000)::uuid END,
    CASE WHEN kind <> 'draft_created' THEN md5('p' || n %% 250000)::uuid END,
    CASE kind WHEN 'signed_up' THEN 'code' WHEN 'downloaded' THEN 'video' ELSE '' END
FROM generate_series(0, 999999) n,
    LATERAL (SELECT (ARRAY['draft_created', 'draft_claimed', 'signed_up', 'video_ordered', 'video_ready',
        'downloaded', 'paid', 'checkout_opened'])[CASE WHEN n < 250000 THEN 1 WHEN n < 500000 THEN 2 + n %% 2
        ELSE 4 + n %% 5 END] AS kind) k
"""


@pytest.mark.slow
def test_a_million_facts_are_counted_within_a_second():
    with connection.cursor() as cursor:
        cursor.execute(_MILLION.replace("%%", "%"))
        cursor.execute("ANALYZE funnel_facts")
    now, seconds = timezone.now(), {}

    for name, look in {
        "counts by week": lambda: counts("week", spans("week", at=now, number=8)),
        "counts by day": lambda: counts("day", spans("day", at=now, number=14)),
        "cohorts": lambda: cohorts(spans("week", at=now, number=8)),
        "one pruning of 5,000": lambda: delete_old(),
    }.items():
        began = time.monotonic()
        look()
        seconds[name] = time.monotonic() - began

    assert {name: round(1000 * took) for name, took in seconds.items() if took > 1} == {}
