"""A process that falls silent inside a transaction keeps its locks for a bounded time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import Error, connection, transaction
from django.db.backends.signals import connection_created

from apps.accounts.models import User
from canvascast.idle_transactions import end_idle_transactions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _short_patience() -> Iterator[None]:
    end_idle_transactions(after_seconds=0.2)
    yield
    connection_created.disconnect(dispatch_uid="idle_transactions")


@pytest.mark.usefixtures("_short_patience")
def test_lock_of_a_silent_transaction_is_given_to_the_next(owner):
    locked, is_over = Event(), Event()

    def fall_silent() -> bool:
        try:
            with transaction.atomic():
                User.objects.select_for_update().get(pk=owner.pk)
                locked.set()
                is_over.wait(20)
                User.objects.update(is_staff=True)
        except Error:
            return True
        finally:
            connection.close()
        return False

    with ThreadPoolExecutor(1) as pool:
        silent = pool.submit(fall_silent)
        locked.wait(20)
        with transaction.atomic():
            # Waits for the lock.
            found = User.objects.select_for_update().get(pk=owner.pk)
        is_over.set()

        assert silent.result(), "the silent one could write after all"
    assert not User.objects.get(pk=found.pk).is_staff
