"""The credits page: the balance and what moved it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from apps.billing import ledger
from apps.billing.models import Source
from tests.pages.conftest import NOW, give

pytestmark = pytest.mark.django_db


def words_of(page) -> str:
    return " ".join(page.content.decode().split())


def test_visitor_is_sent_to_log_in(client):
    assert client.get("/app/credits").url == "/accounts/login/?next=/app/credits"


def test_user_without_movements_has_none(as_user, owner):
    words = words_of(as_user(owner).get("/app/credits"))

    assert "0 credits" in words
    assert "No movements yet." in words


def test_balance_and_movements_are_shown_with_the_credits_set_aside(as_user, rich_owner):
    job, project = uuid.uuid4(), uuid.uuid4()
    ledger.reserve(user_id=rich_owner.pk, job_id=job, project_id=project, title="Why cats purr", credits=4, at=NOW)

    page = as_user(rich_owner).get("/app/credits")

    assert "6 credits" in words_of(page)
    assert "4 set aside" in words_of(page)
    assert [(each.credits, each.balance) for each in page.context["movements"]] == [(-4, 6), (10, 10)]
    assert "“Why cats purr” — set aside" in words_of(page)
    assert ">−4</td>" in words_of(page)
    assert ">+10</td>" in words_of(page)


def test_credits_are_listed_with_their_end(as_user, owner):
    ledger.grant(
        user_id=owner.pk,
        credits=10,
        source=Source.TRIAL,
        reason="",
        key="x",
        at=NOW,
        expires_at=NOW + timedelta(days=1),
    )

    assert "10 welcome credits, good until 5 May 2026" in words_of(as_user(owner).get("/app/credits"))


@pytest.mark.parametrize(("sells", "said"), [(False, True), (True, False)])
def test_installation_without_payments_says_how_credits_come(as_user, owner, settings, sells, said):
    settings.PAYMENTS_ENABLED = sells

    words = words_of(as_user(owner).get("/app/credits"))

    assert ("This installation sells no credits. Whoever runs it can give you more." in words) == said


def test_one_video_s_movements_are_a_page_of_their_own(as_user, rich_owner):
    cats, tax = uuid.uuid4(), uuid.uuid4()
    for video, title in ((cats, "Cats"), (tax, "Tax")):
        ledger.reserve(user_id=rich_owner.pk, job_id=video, project_id=video, title=title, credits=2, at=NOW)

    page = as_user(rich_owner).get("/app/credits", {"video": tax})

    assert [(each.text, each.balance) for each in page.context["movements"]] == [("“Tax” — set aside", 6)]
    assert "Credits of “Tax”" in words_of(page)


def test_stranger_s_and_senseless_videos_are_not_found(as_user, rich_owner, stranger):
    video = uuid.uuid4()
    ledger.reserve(user_id=rich_owner.pk, job_id=video, project_id=video, title="Cats", credits=2, at=NOW)
    client = as_user(stranger)

    asked = [client.get("/app/credits", {"video": each}).status_code for each in (video, uuid.uuid4(), "x", "", "\x00")]

    assert asked == [404, 404, 404, 404, 404]


def test_history_is_saved_as_a_file(as_user, rich_owner):
    answer = as_user(rich_owner).get("/app/credits.csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="canvascast-credits.csv"'
    assert answer.getvalue().decode("utf-8-sig") == (
        "Time (UTC),What,Credits,Balance\r\n2026-05-04 12:00:00,Gift from support: “a test”,10,10\r\n"
    )


def test_history_of_a_visitor_leads_to_log_in(client):
    assert client.get("/app/credits.csv").url == "/accounts/login/?next=/app/credits.csv"


def test_movements_of_others_are_not_shown(as_user, rich_owner, stranger):
    give(stranger, 3)

    assert [each.credits for each in as_user(stranger).get("/app/credits").context["movements"]] == [3]


def test_older_movements_are_on_further_pages(as_user, owner):
    for number in range(52):
        ledger.adjust(user_id=owner.pk, credits=1, reason="a test", key=f"test:{number}", by=owner, at=NOW)
    client = as_user(owner)

    first = client.get("/app/credits")
    second = client.get("/app/credits", {"before": first.context["older_than"]})

    assert (len(first.context["movements"]), len(second.context["movements"])) == (50, 2)
    assert second.context["older_than"] is None


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "٣", "9" * 50, "1.5", "\x00"])
def test_place_in_the_history_that_is_none_breaks_nothing(as_user, rich_owner, before):
    assert as_user(rich_owner).get("/app/credits", {"before": before}).status_code == 200


def test_page_costs_few_queries(as_user, rich_owner, django_assert_max_num_queries):
    client = as_user(rich_owner)

    with django_assert_max_num_queries(6):
        client.get("/app/credits")
