"""Who is mailed what, how often, and what becomes of a mail that the server does not take."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from apps.accounts.actions import operator_account
from apps.accounts.models import User
from apps.notifications import outbox
from apps.notifications.actions import change_preferences, forget, record, sweep
from apps.notifications.models import Event, Notification
from apps.notifications.sending import send
from tests.notifications.conftest import READY, note, reachable
from tests.notifications.smtp_server import mail_host

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings):
    """Mail goes to the port that the test sets."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    return settings


def fate(fact: Notification) -> tuple[str, str, int, int]:
    fact.refresh_from_db()
    return fact.state, fact.reason, fact.tries, fact.doubtful_tries


def make_due(fact: Notification) -> None:
    """Let the time pass until the next try, or until the lease of a dead worker ends."""
    long_ago = timezone.now() - timedelta(hours=1)
    Notification.objects.filter(pk=fact.pk).update(due_at=long_ago)
    Notification.objects.filter(pk=fact.pk, state="SENDING").update(lease_until=long_ago)


def test_fact_is_mailed_to_the_confirmed_address(user):
    fact = note(user)

    send(fact.pk)

    assert [message.to for message in mail.outbox] == [["ada@example.com"]]
    assert fate(fact) == ("SENT", "", 1, 0)
    assert fact.sent_at is not None


def test_second_delivery_of_the_hint_sends_nothing(user):
    fact = note(user)

    for _ in range(3):
        send(fact.pk)

    assert len(mail.outbox) == 1


def test_sending_is_queued_with_the_fact_and_goes_back_with_it(user):
    with transaction.atomic():
        fact = note(user)
        assert [hint.task["args"] for hint in OrmQ.objects.filter(key="quick")] == [(str(fact.pk),)]
        transaction.set_rollback(True)

    assert not OrmQ.objects.exists()


def test_fact_noted_again_is_queued_once(user):
    for _ in range(2):
        record(user_id=user.pk, event=Event.VIDEO_READY, key="job", facts=READY, at=timezone.now())

    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize(
    ("event", "switch"), [(Event.VIDEO_READY, "video_ready"), (Event.VIDEO_FAILED, "video_failed")]
)
def test_switch_turned_off_before_the_mail_left_is_heeded(user, event, switch):
    fact = note(user, event)
    change_preferences(user=user, changes={switch: False}, at=timezone.now())

    send(fact.pk)

    assert (mail.outbox, fate(fact)) == ([], ("DROPPED", "unwanted", 1, 0))


def test_switch_of_one_event_leaves_the_other(user):
    change_preferences(user=user, changes={"video_ready": False}, at=timezone.now())

    send(note(user, Event.VIDEO_FAILED).pk)

    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("preference", "wish", "mails"), [(True, False, 0), (False, True, 1)])
def test_word_about_one_video_stands_above_the_preferences(user, preference, wish, mails):
    change_preferences(user=user, changes={"video_ready": preference}, at=timezone.now())

    send(note(user, wanted=wish).pk)

    assert len(mail.outbox) == mails


def test_unconfirmed_address_is_not_mailed(db):
    fact = note(reachable("ada@example.com", verified=False))

    send(fact.pk)

    assert (mail.outbox, fate(fact)) == ([], ("DROPPED", "no_address", 0, 0))


def test_closed_account_is_not_mailed(user):
    fact = note(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    send(fact.pk)

    assert (mail.outbox, fate(fact)) == ([], ("DROPPED", "no_address", 1, 0))


def test_operator_is_not_mailed_and_no_hint_waits_for_a_worker(db):
    fact = note(operator_account())

    assert (fate(fact), OrmQ.objects.count()) == (("DROPPED", "no_address", 0, 0), 0)


def test_drop_to_nothing_is_told_once(user):
    for event in (Event.LOW_CREDITS, Event.CREDITS_DEPLETED):
        record(user_id=user.pk, event=event, key="ledger row 7", facts={"available": 0}, at=timezone.now())

    low, depleted = (Notification.objects.get(event=event) for event in (Event.LOW_CREDITS, Event.CREDITS_DEPLETED))
    assert fate(low) == ("DROPPED", "told_otherwise", 0, 0)
    assert fate(depleted) == ("QUEUED", "", 0, 0)


def test_news_that_is_days_old_is_not_mailed(user):
    fact = note(user)
    Notification.objects.update(created_at=timezone.now() - timedelta(days=4))

    send(fact.pk)

    assert (mail.outbox, fate(fact)) == ([], ("DROPPED", "too_late", 1, 0))


def test_deleted_video_is_not_mailed_and_its_title_forgotten(user):
    fact = note(user)

    forget(user_id=user.pk, keys=[fact.key])
    send(fact.pk)

    assert (mail.outbox, fate(fact), fact.facts) == ([], ("DROPPED", "withdrawn", 0, 0), {})


def test_mail_that_left_stays_on_record_when_its_video_is_deleted(user):
    fact = note(user)
    send(fact.pk)

    forget(user_id=user.pk, keys=[fact.key])

    assert (fate(fact), fact.facts) == (("SENT", "", 1, 0), {})


def test_server_that_takes_the_mail_gets_it_once(user, smtp):
    fact = note(user)
    with mail_host() as host:
        smtp.EMAIL_PORT = host.port
        send(fact.pk)
        send(fact.pk)

    assert (len(host.taken), fate(fact)) == (1, ("SENT", "", 1, 0))
    assert b"Subject: Why cats purr: your video is ready" in host.taken[0]


@pytest.mark.goal("R13")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"RCPT": "450 later"}, ("QUEUED", "server_refused", 1, 0)),
        ({"DATA": "451 later"}, ("QUEUED", "server_refused", 1, 0)),
        ({"END": "554 no"}, ("QUEUED", "server_refused", 1, 0)),
        ({"MAIL": "421 busy"}, ("QUEUED", "server_refused", 1, 0)),
        ({"RCPT": "550 no such user"}, ("GIVEN_UP", "address_refused", 1, 0)),
        ({"END": ""}, ("QUEUED", "no_answer", 1, 1)),
        ({"EHLO": "", "HELO": ""}, ("QUEUED", "unreachable", 1, 0)),
    ],
)
def test_server_that_does_not_take_the_mail(user, smtp, answers, expected):
    fact = note(user)
    with mail_host(**answers) as host:
        smtp.EMAIL_PORT = host.port
        send(fact.pk)

    assert fate(fact) == expected


def test_goodbye_that_fails_makes_no_taken_mail_doubtful(user, smtp):
    fact = note(user)
    with mail_host(QUIT="") as host:
        smtp.EMAIL_PORT = host.port
        send(fact.pk)

    assert (len(host.taken), fate(fact)) == (1, ("SENT", "", 1, 0))


def test_server_that_is_away_is_asked_again_later_and_later_and_not_for_ever(user, smtp):
    fact = note(user)
    smtp.EMAIL_PORT = 9
    waits = []
    for _ in range(outbox.MOST_TRIES + 2):
        send(fact.pk)
        fact.refresh_from_db()
        waits.append((fact.due_at - timezone.now()).total_seconds())
        make_due(fact)

    assert fate(fact) == ("GIVEN_UP", "unreachable", 8, 0)
    assert [bool(low / 2 - 1 <= wait <= low) for low, wait in zip([30, 120, 480, 1920, 7680], waits, strict=False)] == (
        [True] * 5
    )


def test_mail_is_not_tried_before_it_is_due(user, smtp):
    fact = note(user)
    smtp.EMAIL_PORT = 9
    send(fact.pk)
    smtp.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    send(fact.pk)

    assert (mail.outbox, fate(fact)[0]) == ([], "QUEUED")


def test_mail_whose_answer_was_lost_is_sent_once_more_and_says_so(user, smtp):
    fact = note(user)
    with mail_host(END="") as host:
        smtp.EMAIL_PORT = host.port
        send(fact.pk)
        make_due(fact)
        host.answers.clear()
        send(fact.pk)

    assert fate(fact) == ("SENT", "", 2, 1)
    assert [b"X-CanvasCast-Repeat: maybe" in copy for copy in host.taken] == [False, True]


def test_mail_whose_answer_is_always_lost_is_sent_twice_at_most(user, smtp):
    fact = note(user)
    with mail_host(END="") as host:
        smtp.EMAIL_PORT = host.port
        for _ in range(4):
            send(fact.pk)
            make_due(fact)

    assert (len(host.taken), fate(fact)) == (2, ("GIVEN_UP", "no_answer", 2, 2))


def test_worker_that_died_before_the_handover_leaves_no_doubt(user):
    fact = note(user)
    outbox.claim(fact.pk)
    make_due(fact)

    send(fact.pk)

    assert (len(mail.outbox), fate(fact)) == (1, ("SENT", "", 2, 0))
    assert "X-CanvasCast-Repeat" not in mail.outbox[0].extra_headers


def test_worker_that_died_after_the_handover_leaves_one_marked_repeat(user):
    fact = note(user)
    outbox.begin_handover(outbox.claim(fact.pk))
    make_due(fact)

    send(fact.pk)

    assert fate(fact) == ("SENT", "", 2, 1)
    assert mail.outbox[0].extra_headers["X-CanvasCast-Repeat"] == "maybe"


def test_worker_that_comes_back_late_writes_nothing(user):
    fact = note(user)
    stale = outbox.claim(fact.pk)
    make_due(fact)
    send(fact.pk)

    for write in (outbox.begin_handover, outbox.record_sent):
        with pytest.raises(outbox.LeaseLost):
            write(stale)

    assert fate(fact) == ("SENT", "", 2, 0)


def test_sweep_queues_a_forgotten_mail_again_and_once(user):
    fact = note(user)
    OrmQ.objects.all().delete()
    Notification.objects.update(hinted_at=timezone.now() - timedelta(minutes=1))

    sweep()
    sweep()

    assert [hint.task["args"] for hint in OrmQ.objects.all()] == [(str(fact.pk),)]


def test_sweep_leaves_what_is_sent_held_or_not_yet_due(user, smtp):
    sent, held, waiting = note(user), note(user), note(user)
    smtp.EMAIL_PORT = 9
    send(waiting.pk)
    smtp.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send(sent.pk)
    outbox.claim(held.pk)
    Notification.objects.update(hinted_at=None)
    OrmQ.objects.all().delete()

    sweep()

    assert not OrmQ.objects.exists()


def test_sweep_ends_a_mail_that_kills_its_worker_every_time(user):
    fact = note(user)
    for _ in range(outbox.MOST_TRIES):
        outbox.claim(fact.pk)
        make_due(fact)

    sweep()

    assert fate(fact) == ("GIVEN_UP", "worker_lost", 8, 0)


def test_sweep_never_lets_hints_pile_up(user):
    for _ in range(20):
        note(user)
    OrmQ.objects.all().delete()
    Notification.objects.update(hinted_at=None)

    sweep()
    sweep()

    assert OrmQ.objects.count() == 16
