"""How many mails may leave: to one person in an hour, and to all in a minute. What is over waits and is not lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from apps.notifications import rates
from apps.notifications.models import Event, Notification
from apps.notifications.sending import send
from tests.notifications.conftest import note, reachable
from tests.parallel import at_once


def hand_over(user, number: int, *, ago: timedelta) -> None:
    facts = [note(user) for _ in range(number)]
    moment = timezone.now() - ago
    rows = Notification.objects.filter(pk__in=[fact.pk for fact in facts])
    rows.update(state="SENT", sent_at=moment, handed_at=moment)


def fate(fact: Notification) -> tuple[str, str, int, int]:
    fact.refresh_from_db()
    return fact.state, fact.reason, fact.tries, fact.doubtful_tries


def test_one_person_gets_twenty_an_hour_and_the_next_waits(user):
    hand_over(user, rates.MAILS_AN_HOUR_TO_ONE, ago=timedelta(minutes=50))
    fact = note(user)

    send(fact.pk)

    assert (fate(fact), mail.outbox) == (("QUEUED", "rate", 0, 0), [])
    assert timedelta(minutes=9) < fact.due_at - timezone.now() <= timedelta(minutes=10)


def test_what_waited_leaves_when_its_time_has_come(user):
    hand_over(user, rates.MAILS_AN_HOUR_TO_ONE, ago=timedelta(minutes=59))
    fact = note(user)
    send(fact.pk)
    Notification.objects.filter(handed_at__isnull=False).update(handed_at=timezone.now() - timedelta(minutes=61))
    Notification.objects.filter(pk=fact.pk).update(due_at=timezone.now())

    send(fact.pk)

    assert (fate(fact), len(mail.outbox)) == (("SENT", "", 1, 0), 1)


def test_one_person_s_rate_is_not_another_s(user):
    hand_over(user, rates.MAILS_AN_HOUR_TO_ONE, ago=timedelta(minutes=5))
    fact = note(reachable("bob@example.com"))

    send(fact.pk)

    assert fate(fact)[0] == "SENT"


def test_all_together_get_as_many_a_minute_as_the_settings_say(user, settings):
    settings.MAILS_A_MINUTE = 3
    hand_over(user, 3, ago=timedelta(seconds=20))
    fact = note(reachable("bob@example.com"))

    send(fact.pk)

    assert fate(fact) == ("QUEUED", "rate", 0, 0)
    assert timedelta(seconds=35) < fact.due_at - timezone.now() <= timedelta(seconds=40)


def test_receipt_is_sent_however_late_and_news_are_not(user):
    long_ago = timezone.now() - timedelta(days=5)
    receipt, news = note(user, Event.PURCHASE_RECEIPT), note(user)
    Notification.objects.update(created_at=long_ago)

    for fact in (receipt, news):
        send(fact.pk)

    assert [fate(fact)[:2] for fact in (receipt, news)] == [("SENT", ""), ("DROPPED", "too_late")]


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_keep_to_the_rate(settings):
    settings.MAILS_A_MINUTE = 5
    facts = [note(reachable(f"{number}@example.com")) for number in range(12)]

    at_once(lambda number: send(facts[number].pk), threads=12)

    states = sorted(fate(fact)[0] for fact in facts)
    assert (states, len(mail.outbox)) == (["QUEUED"] * 7 + ["SENT"] * 5, 5)
