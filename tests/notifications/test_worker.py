"""Mail as it really leaves: the worker service, its queue, its deaths, and many workers at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_q.models import OrmQ

from apps.accounts.kept_mail import mails_in
from apps.notifications.actions import sweep
from apps.notifications.models import Notification
from apps.notifications.sending import send
from tests.notifications.conftest import note
from tests.notifications.smtp_server import mail_host
from tests.parallel import at_once
from tests.workers import running_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(fact: Notification) -> str:
    fact.refresh_from_db()
    return fact.state


@pytest.mark.slow  # every journey and storm waits for mails of a worker
def test_fact_is_mailed_by_the_worker_and_can_be_read_in_the_mailbox(user, tmp_path):
    facts = [note(user, title=f"Video {number}") for number in range(3)]

    with running_worker(tmp_path, "canvascast.settings.test", queues="quick"):
        wait_until(lambda: all(state_of(fact) == "SENT" for fact in facts), seconds=40, what="three mails")
        # The cluster takes a hint away after what it asked for is done.
        wait_until(lambda: not _hints_to_send(), seconds=40, what="the hints to be taken")

    found = mails_in(tmp_path / "mailbox")
    assert sorted(kept.subject for kept in found) == [f"Video {number}: your video is ready" for number in range(3)]
    assert {kept.recipients for kept in found} == {"ada@example.com"}


def _hints_to_send() -> list[OrmQ]:
    return [hint for hint in OrmQ.objects.filter(key="quick") if hint.func() == "apps.notifications.tasks.send"]


def killed_at(moment: str, port: int) -> dict[str, str]:
    return {"DEATH_MOMENT": moment, "MAIL_PORT": str(port), "LEASE_SECONDS": "1"}


@pytest.mark.slow  # the failpoints kill there too
def test_worker_killed_between_claim_and_send_costs_no_mail_and_no_copy(user, tmp_path):
    fact = note(user)

    with (
        mail_host() as host,
        running_worker(
            tmp_path, "tests.notifications.settings_killed", queues="quick", **killed_at("claimed", host.port)
        ),
    ):
        wait_until(lambda: state_of(fact) == "SENT", seconds=60, what="the mail")

    assert (tmp_path / "died-claimed").exists()
    # A busy machine may make a worker lose its lease once more.
    assert (len(host.taken), fact.doubtful_tries) == (1, 0)
    assert fact.tries >= 2
    assert b"X-CanvasCast-Repeat" not in host.taken[0]


@pytest.mark.slow  # the lease of a conversation with a mail server is waited for
def test_worker_killed_between_send_and_record_leaves_one_marked_repeat(user, tmp_path):
    fact = note(user)

    with (
        mail_host() as host,
        running_worker(tmp_path, "tests.notifications.settings_killed", queues="quick", **killed_at("sent", host.port)),
    ):
        wait_until(lambda: state_of(fact) == "SENT", seconds=90, what="the repeat")

    assert (tmp_path / "died-sent").exists()
    # As above; but only what a server heard of is doubtful.
    assert (len(host.taken), fact.doubtful_tries) == (2, 1)
    assert fact.tries >= 2
    assert [b"X-CanvasCast-Repeat: maybe" in mail for mail in host.taken] == [False, True]
    assert len({_header(mail, b"Message-ID") for mail in host.taken}) == 1


def _header(mail: bytes, name: bytes) -> bytes:
    return next(line for line in mail.splitlines() if line.startswith(name))


@pytest.mark.slow  # another service; a sweep without one is tested in every run
def test_mail_whose_hint_was_lost_is_sent_all_the_same(user, tmp_path):
    fact = note(user)
    OrmQ.objects.all().delete()
    Notification.objects.update(hinted_at=timezone.now() - timedelta(minutes=1))

    with running_worker(tmp_path, "canvascast.settings.test", queues="quick"):
        wait_until(lambda: state_of(fact) == "SENT", seconds=40, what="the mail")

    assert len(mails_in(tmp_path / "mailbox")) == 1


def test_fifty_workers_at_once_send_one_mail(user):
    fact = note(user)

    at_once(lambda _: send(fact.pk))

    assert (len(mail.outbox), state_of(fact), fact.tries) == (1, "SENT", 1)


def test_sweeps_at_once_queue_a_mail_once(user):
    note(user)
    OrmQ.objects.all().delete()
    Notification.objects.update(hinted_at=None)

    at_once(lambda _: sweep(), threads=10)

    assert OrmQ.objects.count() == 1
