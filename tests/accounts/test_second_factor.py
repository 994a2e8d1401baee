"""Authenticator app, recovery codes, sessions; and staff, who must have a second factor."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.models import User
from canvascast.funnel.models import Fact

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret


def totp_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def log_in(client: Client, user: User, code_of):
    client.post("/accounts/login/", {"login": user.email})
    return client.post("/accounts/login/code/confirm/", {"code": code_of()})


def test_authenticator_app_is_set_up_with_recovery_codes(fresh, person):
    page = fresh.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'class="code" id="copy-secret">([A-Z2-7]+)<', page)[1]

    answer = fresh.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret)})

    assert "<svg" in page
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    assert {a.type for a in Authenticator.objects.filter(user=person)} == {"totp", "recovery_codes"}


def test_wrong_code_does_not_turn_it_on(fresh):
    fresh.get("/accounts/2fa/totp/activate/")
    answer = fresh.post("/accounts/2fa/totp/activate/", {"code": "000000"})

    assert "That is not the code. The app shows a new one every 30 seconds." in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_mailed_code_alone_does_not_log_in_where_there_is_a_second_factor(client, person, code_of):
    TOTP.activate(person, SECRET)

    assert log_in(client, person, code_of)["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session
    assert client.post("/accounts/2fa/authenticate/", {"code": totp_code(SECRET)})["Location"] == "/app/start"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert Fact.objects.get(kind="signed_up").detail == "code"


def test_recovery_code_logs_in_once(person, code_of):
    TOTP.activate(person, SECRET)
    recovery = RecoveryCodes.activate(person).get_unused_codes()[0]

    answers = []
    for _ in range(2):
        client = Client()
        log_in(client, person, code_of)
        answers.append(client.post("/accounts/2fa/authenticate/", {"code": recovery}).status_code)

    assert answers == [302, 200]


def test_sessions_are_listed_and_ended_elsewhere(person, code_of):
    here, there = Client(headers={"user-agent": "curl/8"}), Client(headers={"user-agent": "Wget/1"})
    for browser in (here, there):
        log_in(browser, person, code_of)

    page = here.get("/accounts/sessions/").content.decode()
    assert ("curl" in page, "Wget" in page) == (True, True)

    here.post("/accounts/sessions/")
    assert there.get("/app/settings/").status_code == 302
    assert here.get("/app/settings/").status_code == 200
    assert UserSession.objects.count() == 1


def test_password_change_logs_out_everywhere(person, code_of):
    old, new = "a long enough secret", "another long secret"
    person.set_password(old)
    person.save()
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.post("/accounts/login/", {"login": person.email, "password": old})

    browsers[0].post("/accounts/reauthenticate/", {"password": old})
    browsers[0].post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})

    person.refresh_from_db()
    assert person.check_password(new)
    assert [browser.get("/app/settings/").status_code for browser in browsers] == [302, 302]


def test_password_is_set_in_settings_and_then_logs_in(fresh, person):
    chosen = "a long enough secret"
    fresh.post("/accounts/password/set/", {"password1": chosen, "password2": chosen})

    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": chosen})
    assert client.session["_auth_user_id"] == str(person.pk)


def test_password_that_was_set_leads_past_the_login_to_the_settings(fresh, person):
    chosen = "a long enough secret"
    page = fresh.get("/accounts/password/set/").content.decode()

    answer = fresh.post("/accounts/password/set/", {"password1": chosen, "password2": chosen}, follow=True)

    assert "Afterwards you are logged out everywhere and log in with it." in page
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/app/settings/"


def test_mail_about_a_password_names_the_browser_as_it_names_itself(fresh):
    chosen, browser = "a long enough secret", "O'Reader & Co"
    form = {"password1": chosen, "password2": chosen}
    fresh.post("/accounts/password/set/", form, headers={"user-agent": browser})

    assert f"with {browser}." in mail.outbox[-1].body


def test_forgotten_password_is_set_anew_by_code(client, person, code_of):
    old, new = "a long enough secret", "another long secret"
    person.set_password(old)
    person.save()

    client.post("/accounts/password/reset/", {"email": person.email})
    client.post("/accounts/password/reset/confirm/", {"code": code_of()})
    client.post("/accounts/password/reset/complete/", {"password1": new, "password2": new})

    person.refresh_from_db()
    assert person.check_password(new)


def test_new_address_takes_over_when_its_code_is_typed(fresh, person):
    fresh.post("/accounts/email/", {"email": "ada@new.example", "action_add": ""})
    person.refresh_from_db()
    assert person.email == "ada@example.com"

    fresh.post("/accounts/confirm-email/", {"code": _code_to("ada@new.example")})
    person.refresh_from_db()
    assert person.email == "ada@new.example"


def _code_to(address: str) -> str:
    message = next(m for m in mail.outbox if m.to == [address])
    return message.subject.split()[0]


def test_first_member_of_staff_logs_in_by_code(client, code_of, capsys):
    call_command("make_staff", "Boss@example.com")
    user = User.objects.get()

    log_in(client, user, code_of)

    assert "boss@example.com is staff" in capsys.readouterr().out
    assert (user.is_staff, user.is_superuser) == (True, True)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_existing_user_becomes_staff_once(person):
    for _ in range(2):
        call_command("make_staff", person.email)

    person.refresh_from_db()
    assert person.is_staff
    assert User.objects.count() == 1


def test_what_is_no_address_becomes_no_staff(db):
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command("make_staff", "boss")


def test_createsuperuser_makes_somebody_who_can_log_in_by_code(client, code_of):
    call_command("createsuperuser", interactive=False, email="boss@example.com")

    log_in(client, User.objects.get(), code_of)
    client.post("/accounts/confirm-email/", {"code": code_of()})

    assert "_auth_user_id" in client.session


def test_visitor_of_the_admin_is_sent_to_the_login(client, db):
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"


def test_staff_without_a_second_factor_are_sent_to_set_one_up(client, person):
    call_command("make_staff", person.email)
    client.force_login(person)

    for page in ("/admin/", "/admin/accounts/user/"):
        assert client.get(page)["Location"] == "/accounts/2fa/"
    assert "Staff pages need a second factor" in client.get("/accounts/2fa/").content.decode()


def test_staff_with_a_second_factor_get_in(client, person):
    call_command("make_staff", person.email)
    TOTP.activate(person, SECRET)
    client.force_login(person)

    assert client.get("/admin/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, person):
    call_command("make_staff", person.email)
    RecoveryCodes.activate(person)
    client.force_login(person)

    assert client.get("/admin/")["Location"] == "/accounts/2fa/"


def test_user_who_is_not_staff_has_no_admin(signed_in):
    assert signed_in.get("/admin/login/?next=/admin/").status_code == 403
