"""What Resend tells about mails: only when it is signed, each thing once, and a dead mailbox gets nothing more."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from svix.webhooks import Webhook

from apps.accounts import fresh_codes
from apps.notifications.models import Event, MailEvent, SuppressedMailbox
from apps.notifications.sending import send
from tests.notifications.conftest import note
from tests.notifications.webhooks.receiver import program

URL = "/api/webhooks/email"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # pragma: allowlist secret
ON_THEIR_LIST = {"type": "OnAccountSuppressionList", "message": "the address is on the suppression list"}
HARD = {"type": "Permanent", "subType": "General", "message": "hard bounce message"}


@pytest.fixture(autouse=True)
def _resend(settings):
    settings.ANYMAIL = {"RESEND_SIGNING_SECRET": SECRET}


def told(kind: str, fact=None, to: str = "ada@example.com", **more: object) -> dict[str, object]:
    headers = [{"name": "X-Metadata", "value": json.dumps({"notification": str(fact.pk)})}] if fact else []
    return {
        "type": f"email.{kind}",
        "created_at": "2026-11-29T05:00:00.000Z",
        "data": {"email_id": "re-mail-1", "to": [to], "headers": headers, **more},
    }


def tell(payload: object, *, event_id: str = "", at=None, secret: str = SECRET, client: Client | None = None):
    body = json.dumps(payload)
    moment, event_id = at or timezone.now(), event_id or f"msg_{uuid4().hex}"
    headers = {
        "svix-id": event_id,
        "svix-timestamp": str(int(moment.timestamp())),
        "svix-signature": Webhook(secret).sign(event_id, moment, body),
    }
    return (client or Client(enforce_csrf_checks=True)).post(URL, body, "application/json", headers=headers)


def test_delivery_is_kept_beside_its_mail(user):
    fact = note(user)

    answer = tell(told("delivered", fact), event_id="msg_1")

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    row = MailEvent.objects.get()
    assert (row.event_id, row.kind, row.recipient, row.notification_id, row.message_id) == (
        *("msg_1", "delivered", "ada@example.com", fact.pk, "re-mail-1"),
    )
    assert not SuppressedMailbox.objects.exists()


def test_same_event_told_again_is_one_row(user):
    for _ in range(3):
        assert tell(told("delivered", note(user)), event_id="msg_1").status_code == 200

    assert MailEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "more"),
    [("bounced", {"bounce": HARD}), ("complained", {}), ("suppressed", {"suppressed": ON_THEIR_LIST})],
)
def test_mailbox_that_bounced_or_complained_or_is_on_resends_list_gets_nothing_more(user, kind, more):
    tell(told(kind, note(user), to="Ada <ADA@example.com>", **more))
    fact = note(user)

    send(fact.pk)

    fact.refresh_from_db()
    assert (fact.state, fact.reason, mail.outbox) == ("DROPPED", kind, [])


def test_mailbox_that_is_full_is_mailed_again(user):
    tell(told("bounced", note(user), bounce={**HARD, "type": "Transient", "subType": "MailboxFull"}))

    assert [(row.kind, row.is_permanent) for row in MailEvent.objects.all()] == [("bounced", False)]
    assert not SuppressedMailbox.objects.exists()


@pytest.mark.parametrize(
    ("kind", "more", "state", "detail"),
    [
        ("failed", {"failed": {"reason": "reached_daily_quota"}}, "GIVEN_UP", "reached_daily_quota"),
        pytest.param("failed", {"failed": None}, "GIVEN_UP", "", marks=pytest.mark.slow),
        ("suppressed", {"suppressed": ON_THEIR_LIST}, "DROPPED", ON_THEIR_LIST["message"]),
    ],
)
def test_mail_that_resend_took_and_sent_to_nobody_does_not_count_as_sent(user, kind, more, state, detail):
    fact = note(user)
    send(fact.pk)

    tell(told(kind, fact, **more))

    fact.refresh_from_db()
    assert (fact.state, fact.reason, fact.sent_at) == (state, kind, None)
    assert [(row.kind, row.detail) for row in MailEvent.objects.all()] == [(kind, detail)]
    assert SuppressedMailbox.objects.exists() == (kind == "suppressed")


@pytest.mark.slow
def test_settings_say_that_the_mail_service_sends_nothing_there(user, client):
    tell(told("suppressed", note(user), suppressed=ON_THEIR_LIST))
    client.force_login(user)

    page = " ".join(client.get("/app/settings/notifications").content.decode().split())

    assert "The service that sends our mail has sent none to ada@example.com since 29 November 2026" in page


def test_looks_and_clicks_are_not_kept(user):
    for kind in ("opened", "clicked", "sent", "something_new"):
        assert tell(told(kind, note(user))).status_code == 200

    assert not MailEvent.objects.exists()


def test_news_about_a_mail_that_is_no_notification_counts_too(db):
    tell(told("bounced", to="nobody@example.com", bounce=HARD))

    assert MailEvent.objects.get().notification is None
    assert SuppressedMailbox.objects.get().address == "nobody@example.com"


@pytest.mark.parametrize("stranger", ["", "no id", "5879fa02-5ba2-436d-9126-7f4803250c3b"])
def test_id_that_is_none_of_ours_is_no_fault(db, stranger):
    payload = told("delivered")
    payload["data"]["headers"] = [{"name": "X-Metadata", "value": json.dumps({"notification": stranger})}]

    assert tell(payload).status_code == 200
    assert MailEvent.objects.get().notification is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": SECRET[:-4] + "AAAA"},
        {"at": timezone.now() - timedelta(hours=1)},
        {"at": timezone.now() + timedelta(hours=1)},
    ],
)
def test_wrong_secret_and_old_time_change_nothing(user, wrong):
    assert tell(told("complained", note(user)), **wrong).status_code == 400

    assert not MailEvent.objects.exists()
    assert not SuppressedMailbox.objects.exists()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"{}", {}),
        (b"{}", {"svix-id": "a", "svix-timestamp": "now", "svix-signature": "v1,AAAA"}),
        (b"{}", {"svix-id": "a", "svix-timestamp": "NOW", "svix-signature": "no comma"}),
        (b"{}", {"svix-id": "a", "svix-timestamp": "NOW", "svix-signature": "v1,!!!"}),
        (b"\xff\xfe", {"svix-id": "a", "svix-timestamp": "NOW", "svix-signature": "v1,AAAA"}),
    ],
)
def test_unsigned_and_unreadable_calls_are_refused_in_words(client, db, body, headers):
    now = str(int(timezone.now().timestamp()))
    headers = {name: value.replace("NOW", now) for name, value in headers.items()}

    answer = client.post(URL, body, "application/json", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


def test_large_body_is_refused_unread(client, db):
    answer = client.post(URL, b"x" * 300_000, "application/json")

    assert answer.status_code == 413


def test_without_a_secret_the_address_says_that_it_takes_nothing(client, db, settings):
    settings.ANYMAIL = {}

    answer = tell(told("delivered"), client=client)

    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert "RESEND_WEBHOOK_SECRET" in answer.json()["error"]


@pytest.mark.parametrize("event", [Event.VIDEO_READY, Event.PURCHASE_RECEIPT])
def test_mail_goes_to_resend_with_what_its_news_bring_back(user, settings, event):
    """The real backend and real HTTP: what Resend is given as headers, it gives back with every event."""
    fact = note(user, event)
    with program() as resend:
        resend.answers(200, headers="Content-Type: application/json\r\n", body=b'{"id": "re-mail-1"}')
        settings.EMAIL_BACKEND = "apps.notifications.resend.EmailBackend"
        settings.ANYMAIL |= {"RESEND_API_KEY": SECRET, "RESEND_API_URL": resend.url}
        send(fact.pk)
    (call,) = resend.calls
    sent = json.loads(call.body)
    headers = [{"name": name, "value": value} for name, value in sent["headers"].items()]

    tell({**told("delivered"), "data": {"email_id": "re-mail-1", "to": sent["to"], "headers": headers}})

    assert call.headers["authorization"] == f"Bearer {SECRET}"
    assert ("List-Unsubscribe" in sent["headers"]) == (event == Event.VIDEO_READY)
    assert sent["headers"]["X-Entity-Ref-ID"] == str(fact.pk)
    assert MailEvent.objects.get().notification_id == fact.pk
    fact.refresh_from_db()
    assert fact.state == "SENT"


def fresh(client: Client, user) -> None:
    client.force_login(user)
    session = client.session
    code = fresh_codes.issue(session, user=user, at=timezone.now())
    fresh_codes.redeem(session, user=user, code=code, at=timezone.now())
    session.save()


def test_settings_say_that_mail_came_back_and_how_to_mend_it(user, client):
    tell(told("bounced", note(user), bounce=HARD))
    client.force_login(user)

    page = " ".join(client.get("/app/settings/notifications").content.decode().split())

    assert "Nothing is mailed to you at the moment." in page
    assert "Mail to ada@example.com came back on 29 November 2026" in page
    assert '<a href="/app/settings/notifications/confirm">' in page


def test_address_that_is_confirmed_again_is_mailed_again(user, client):
    tell(told("bounced", note(user), bounce=HARD), event_id="msg_1")
    fresh(client, user)

    assert client.get("/app/settings/notifications/confirm").status_code == 200
    client.post("/app/settings/notifications/confirm")
    tell(told("bounced", note(user), bounce=HARD), event_id="msg_1")
    fact = note(user)
    send(fact.pk)

    fact.refresh_from_db()
    assert (fact.state, len(mail.outbox)) == ("SENT", 1)


def test_of_an_address_that_was_replaced_nothing_is_kept(user, client):
    for number, address in enumerate(("ada@example.com", "eve@example.com")):
        tell(told("bounced", to=address, bounce=HARD), event_id=f"msg_{number}")
    fresh(client, user)

    client.post("/accounts/email/", {"email": "ada@new.example", "action_add": ""})
    (code_mail,) = mail.outbox
    client.post("/accounts/confirm-email/", {"code": code_mail.subject.split()[0]})

    user.refresh_from_db()
    assert user.email == "ada@new.example"
    assert MailEvent.objects.get().recipient == SuppressedMailbox.objects.get().address == "eve@example.com"


def test_address_is_not_confirmed_without_a_code(user, client):
    tell(told("bounced", note(user), bounce=HARD))
    client.force_login(user)

    answer = client.post("/app/settings/notifications/confirm")

    assert answer.url == "/app/settings/confirm?next=%2Fapp%2Fsettings%2Fnotifications%2Fconfirm"
    assert SuppressedMailbox.objects.exists()
