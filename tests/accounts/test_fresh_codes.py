"""A fresh code stands before what cannot be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from apps.accounts import fresh_codes
from apps.accounts.fresh_codes import WrongCode
from apps.accounts.models import User
from apps.notifications.models import SuppressedMailbox

pytestmark = pytest.mark.django_db
NOW = timezone.now()
GUARDED = [
    "/app/settings/keys/new",
    "/app/settings/exports/new",
    "/app/settings/delete",
    "/accounts/password/set/",
    "/accounts/2fa/totp/activate/",
    pytest.param("/accounts/2fa/webauthn/add/", marks=pytest.mark.slow),
    pytest.param("/accounts/2fa/recovery-codes/generate/", marks=pytest.mark.slow),
]
CONFIRM_ADDRESS = "/app/settings/confirm?next=%2Faccounts%2Femail%2F"


def test_right_code_is_good_for_ten_minutes(person):
    session = {}
    code = fresh_codes.issue(session, user=person, at=NOW)
    fresh_codes.redeem(session, user=person, code=code.lower().replace("-", " "), at=NOW + timedelta(minutes=9))

    fresh = [fresh_codes.is_fresh(session, user=person, at=NOW + timedelta(minutes=m)) for m in (9, 18, 20)]
    assert fresh == [True, True, False]


def test_code_is_not_in_the_session(person):
    session = {}
    code = fresh_codes.issue(session, user=person, at=NOW)

    assert code not in str(session)
    assert code.replace("-", "") not in str(session)


def test_late_code_is_refused(person):
    session = {}
    code = fresh_codes.issue(session, user=person, at=NOW)

    with pytest.raises(WrongCode, match="no longer good"):
        fresh_codes.redeem(session, user=person, code=code, at=NOW + timedelta(minutes=11))


def test_code_works_once(person):
    session = {}
    code = fresh_codes.issue(session, user=person, at=NOW)
    fresh_codes.redeem(session, user=person, code=code, at=NOW)

    with pytest.raises(WrongCode):
        fresh_codes.redeem(session, user=person, code=code, at=NOW)


def test_fifth_wrong_try_voids_the_code(person):
    session = {}
    code = fresh_codes.issue(session, user=person, at=NOW)
    for _ in range(5):
        with pytest.raises(WrongCode):
            fresh_codes.redeem(session, user=person, code="WRONG", at=NOW)

    with pytest.raises(WrongCode):
        fresh_codes.redeem(session, user=person, code=code, at=NOW)


def test_code_is_the_users_own(person):
    session = {}
    code = fresh_codes.issue(session, user=person, at=NOW)
    other = User.objects.create_user("eve@example.com")

    with pytest.raises(WrongCode):
        fresh_codes.redeem(session, user=other, code=code, at=NOW)


@pytest.mark.parametrize("page", GUARDED)
def test_page_sends_to_the_code_and_the_code_leads_back(signed_in, page, code_of):
    for method in (signed_in.get, signed_in.post):
        assert method(page)["Location"] == f"/app/settings/confirm?next={page.replace('/', '%2F')}"
    confirm = f"/app/settings/confirm?next={page}"

    assert signed_in.post(confirm, {"send": "1"})["Location"] == confirm
    answer = signed_in.post(confirm, {"code": code_of()})

    assert answer["Location"] == page
    assert signed_in.get(page).status_code == 200


def test_borrowed_session_gets_no_other_address(signed_in, person):
    page = signed_in.get("/accounts/email/").content.decode()
    answer = signed_in.post("/accounts/email/", {"email": "thief@example.com", "action_add": ""})

    assert answer["Location"] == CONFIRM_ADDRESS
    assert f'href="{CONFIRM_ADDRESS}"'.replace("%2F", "/") in page
    assert "New address" not in page
    assert mail.outbox == []
    assert [row.email for row in EmailAddress.objects.all()] == ["ada@example.com"]


def test_borrowed_session_sets_no_password(signed_in, person):
    chosen = "a long enough secret"
    signed_in.post("/accounts/password/set/", {"password1": chosen, "password2": chosen})

    person.refresh_from_db()
    assert not person.has_usable_password()


@pytest.mark.slow
def test_code_leads_back_to_the_address_and_the_new_one_gets_its_own(signed_in, code_of):
    signed_in.post(CONFIRM_ADDRESS, {"send": "1"})
    answer = signed_in.post(CONFIRM_ADDRESS, {"code": code_of()}, follow=True)
    signed_in.post("/accounts/email/", {"email": "ada@new.example", "action_add": ""})

    assert answer.redirect_chain == [("/accounts/email/", 302)]
    assert "New address" in answer.content.decode()
    assert [message.to for message in mail.outbox] == [["ada@example.com"], ["ada@new.example"]]


@pytest.mark.slow
@pytest.mark.parametrize(("reason", "asks"), [("bounced", False), ("complained", True)])
def test_mailbox_that_no_code_reaches_is_left_without_one(signed_in, reason, asks):
    SuppressedMailbox.objects.create(address="ada@example.com", reason=reason, since=NOW)

    page = signed_in.get("/accounts/email/").content.decode()
    signed_in.post("/accounts/email/", {"email": "ada@new.example", "action_add": ""})

    assert ("New address" not in page) is asks
    assert [message.to for message in mail.outbox] == ([] if asks else [["ada@new.example"]])


def test_foreign_address_is_not_followed(signed_in, code_of):
    signed_in.post("/app/settings/confirm", {"send": "1"})

    answer = signed_in.post("/app/settings/confirm?next=https://evil.example/app/", {"code": code_of()})

    assert answer["Location"] == "/app/settings/"


def test_fourth_fresh_code_in_an_hour_is_not_mailed(signed_in):
    answers = [signed_in.post("/app/settings/confirm", {"send": "1"}).status_code for _ in range(4)]

    assert answers == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_wrong_code_is_said_at_the_field(signed_in):
    signed_in.post("/app/settings/confirm", {"send": "1"})
    answer = signed_in.post("/app/settings/confirm", {"code": "WRONG"})

    assert "not the code we mailed" in answer.content.decode()
