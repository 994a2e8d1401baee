"""Keys, exports and leaving, through the pages."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from apps.accounts.api_keys import LIVE_KEYS_MAX, create_key, user_of_key
from apps.accounts.models import ApiKey, DataExport, Profile, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("eve@example.com"))
    return client


def queued() -> list[tuple[str, tuple, str]]:
    return [(row.task["func"], row.task["args"], row.key) for row in OrmQ.objects.all()]


def export_of(user: User, **fields) -> DataExport:
    name = default_storage.save("exports/x.zip", ContentFile(b"zip"))
    ready = {"state": DataExport.State.READY, "storage_name": name, "expires_at": timezone.now() + timedelta(days=7)}
    return DataExport.objects.create(user=user, **{**ready, **fields})


def test_key_is_shown_once_and_works(fresh, person):
    page = fresh.post("/app/settings/keys/new", {"name": "robot"}).content.decode()
    secret = next(word for word in page.replace("<", " <").replace(">", "> ").split() if word.startswith("cc_"))

    assert user_of_key(secret, timezone.now()) == person
    listed = fresh.get("/app/settings/keys").content.decode()
    assert "robot" in listed
    assert secret not in listed


def test_key_without_a_name_is_refused(fresh):
    assert "This field is required" in fresh.post("/app/settings/keys/new", {"name": " "}).content.decode()
    assert not ApiKey.objects.exists()


def test_key_is_revoked_by_its_owner_only(signed_in, person, stranger):
    key, secret = create_key(user=person, name="robot", at=timezone.now())
    page = f"/app/settings/keys/{key.pk}/end"

    assert stranger.post(page).status_code == 404
    assert user_of_key(secret, timezone.now()) == person
    assert signed_in.post(page).status_code == 302
    assert user_of_key(secret, timezone.now()) is None


@pytest.mark.parametrize("page", ["/app/settings/keys", "/app/developers"])
def test_key_is_offered_as_long_as_one_may_have_another(signed_in, person, page):
    for number in range(LIVE_KEYS_MAX - 1):
        create_key(user=person, name=f"key {number}", at=timezone.now())
    before = signed_in.get(page).content.decode()
    create_key(user=person, name="the last", at=timezone.now())

    assert ["Make a key" in shown for shown in (before, signed_in.get(page).content.decode())] == [True, False]


def test_export_is_queued_once(fresh, person):
    for _ in range(2):
        assert fresh.post("/app/settings/exports/new")["Location"] == "/app/settings/exports"

    export = DataExport.objects.get()
    assert queued() == [("canvascast.operations.tasks.export_user", (str(export.pk),), "quick")]
    assert "being made" in fresh.get("/app/settings/exports").content.decode()


def test_finished_export_is_handed_to_its_owner_only(fresh, person, stranger):
    page = f"/app/settings/exports/{export_of(person).pk}"

    answer = fresh.get(page)
    assert b"".join(answer.streaming_content) == b"zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="canvascast-')
    assert stranger.get(page).status_code == 404


@pytest.mark.slow
def test_finished_export_wants_a_fresh_code_which_leads_back_to_the_list(signed_in, person, code_of):
    page = f"/app/settings/exports/{export_of(person).pk}"

    asked = signed_in.get(page)["Location"]
    signed_in.post(asked, {"send": "1"})

    assert asked == "/app/settings/confirm?next=%2Fapp%2Fsettings%2Fexports"
    assert signed_in.post(asked, {"code": code_of()})["Location"] == "/app/settings/exports"
    assert signed_in.get(page).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"state": DataExport.State.PENDING, "storage_name": ""},
        {"state": DataExport.State.FAILED, "storage_name": ""},
    ],
    ids=["expired", "pending", "failed"],
)
def test_export_that_is_not_there_is_missing(signed_in, person, fields):
    assert signed_in.get(f"/app/settings/exports/{export_of(person, **fields).pk}").status_code == 404
    assert signed_in.get(f"/app/settings/exports/{uuid.uuid4()}").status_code == 404


def test_deleting_ends_every_way_in_at_once(fresh, person, code_of):
    _, secret = create_key(user=person, name="robot", at=timezone.now())
    elsewhere = Client()
    elsewhere.post("/accounts/login/", {"login": person.email})
    elsewhere.post("/accounts/login/code/confirm/", {"code": code_of()})

    answer = fresh.post("/app/settings/delete", {"sure": "on"})

    assert answer["Location"] == "/goodbye"
    assert fresh.get("/goodbye").status_code == 200
    assert queued()[-1] == ("canvascast.operations.tasks.erase_user", (str(person.pk),), "quick")
    assert User.objects.get().is_active is False
    assert user_of_key(secret, timezone.now()) is None
    for browser in (fresh, elsewhere):
        assert browser.get("/app/settings/")["Location"].startswith("/accounts/login/")


def test_deleting_wants_the_box_ticked(fresh):
    assert fresh.post("/app/settings/delete", {}).status_code == 200
    assert User.objects.get().is_active is True
    assert Session.objects.exists()


@pytest.mark.parametrize(
    "page",
    ["", "profile", "avatar", "confirm", "keys", "keys/new", "exports", "exports/new", "delete"],
)
def test_visitor_is_sent_to_the_login(client, db, page):
    answer = client.get(f"/app/settings/{page}")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_settings_link_to_pages_that_answer(signed_in):
    page = signed_in.get("/app/settings/").content.decode().partition("<main")[2]
    links = [part.split('"')[0] for part in page.split('href="')[1:] if part.startswith(("/app", "/accounts"))]

    answers = {link: signed_in.get(link, follow=True).status_code for link in links}
    assert set(answers.values()) == {200}, answers
    ours = {f"/app/settings/{page}" for page in ("profile", "keys", "exports", "delete")}
    assert ours | {"/accounts/email/", "/accounts/2fa/", "/accounts/sessions/"} <= set(links)


def settings_of(client: Client) -> dict[str, str]:
    """Each link of the settings with what stands beside it."""
    page = client.get("/app/settings/").content.decode().partition("<main")[2].partition("</main>")[0]
    rows = re.findall(r'<a href="[^"]*">(.*?)</a>(.*?)</li>', page, re.DOTALL)
    return {name.strip(): " ".join(re.sub(r"<[^>]+>", " ", rest).split()) for name, rest in rows}


def test_settings_say_what_is_set(signed_in):
    assert settings_of(signed_in) == {
        "Name, picture and time zone": "No name yet",
        "E-mail address": "ada@example.com",
        "What we mail you": "",
        "Password": "None: a code by mail is enough",
        "Second factor and passkeys": "Off",
        "Where you are logged in": "Only here",
        "Download everything": "",
        "Delete the account": "",
        "Keys for programs": "None",
        "How a program makes videos": "",
    }


def test_settings_say_what_was_set(signed_in, person):
    Profile.objects.create(user=person, display_name="Ada")
    EmailAddress.objects.create(user=person, email="new@example.com", verified=False, primary=False)
    person.set_password("a long enough secret")
    person.save()
    signed_in.force_login(person)
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")  # pragma: allowlist secret
    RecoveryCodes.activate(person)
    for name in ("robot", "script"):
        create_key(user=person, name=name, at=timezone.now())
    export_of(person)
    for number in range(2):
        there = Client()
        there.force_login(person)
        key = there.session.session_key
        UserSession.objects.create(user=person, ip="192.0.2.1", user_agent=f"curl/{number}", session_key=key)

    assert settings_of(signed_in) == {
        "Name, picture and time zone": "Ada",
        "E-mail address": "ada@example.com new@example.com is not confirmed yet",
        "Password": "Set",  # pragma: allowlist secret
        "Second factor and passkeys": "On: authenticator app, 10 recovery codes",
        "Where you are logged in": "In 2 browsers",
        "What we mail you": "",
        "Download everything": "1 export",
        "Delete the account": "",
        "Keys for programs": "2 keys",
        "How a program makes videos": "",
    }


@pytest.mark.parametrize(
    "page",
    [
        "/app/settings/",
        "/app/settings/profile",
        "/app/settings/keys",
        "/app/settings/exports",
        "/app/settings/confirm",
        "/app/developers",
        "/accounts/email/",
        "/accounts/2fa/",
        "/accounts/sessions/",
        "/accounts/password/set/",
    ],
)
def test_page_of_the_settings_asks_little_of_the_database_and_is_kept_by_nobody(
    fresh, person, page, django_assert_max_num_queries
):
    for number in range(5):
        create_key(user=person, name=f"key {number}", at=timezone.now())

    with django_assert_max_num_queries(12):
        answer = fresh.get(page)

    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)


def test_page_for_programs_names_the_site_and_where_the_api_is_described(signed_in, settings):
    settings.SITE_URL = "https://videos.example"

    page = signed_in.get("/app/developers").content.decode()

    assert "https://videos.example/api/v1/credits/balance" in page
    assert 'href="/api/docs"' in page
