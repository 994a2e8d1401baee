"""The cache counts exactly and forgets in time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection

from apps.accounts import shared_cache


@pytest.mark.django_db
def test_value_is_kept_until_it_is_deleted():
    assert cache.add("a", 1, 60)
    assert not cache.add("a", 2, 60)
    assert cache.get("a") == 1
    assert cache.delete("a")
    assert cache.get("a") is None


@pytest.mark.django_db(transaction=True)
def test_lock_lets_one_in_at_a_time():
    seen = []

    def count() -> None:
        cache.add("n:lock", True)
        seen.append(cache.get("n", 0))
        cache.set("n", cache.get("n", 0) + 1, 60)
        cache.delete("n:lock")
        connection.close()

    with ThreadPoolExecutor(20) as pool:
        for _ in range(40):
            pool.submit(count)

    assert sorted(seen) == list(range(40))


@pytest.mark.django_db(transaction=True)
def test_lock_ends_with_the_connection_of_its_holder():
    def hold_and_die() -> None:
        cache.add("held:lock", True)
        connection.close()

    thread = threading.Thread(target=hold_and_die)
    thread.start()
    thread.join()

    assert cache.add("held:lock", True)
    assert cache.delete("held:lock")


@pytest.mark.django_db(transaction=True)
def test_wait_for_a_lock_is_bounded(monkeypatch):
    monkeypatch.setattr(shared_cache, "LOCK_WAIT_MILLISECONDS", 50)
    cache.add("held:lock", True)
    failures = []

    def wait() -> None:
        try:
            cache.add("held:lock", True)
        except DatabaseError:
            failures.append("gave up")
        connection.close()

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    cache.delete("held:lock")

    assert failures == ["gave up"]
