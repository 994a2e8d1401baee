"""Locks with a name keep others out for as long as they say, and nobody longer."""

from __future__ import annotations

import pytest
from django.db import connections, transaction
from django.db.transaction import TransactionManagementError

from canvascast.advisory_locks import until_commit


def is_free(name: str) -> bool:
    """Whether another connection could take the lock."""
    with connections["default"].copy().cursor() as elsewhere:
        elsewhere.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(elsewhere.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_lock_until_commit_is_free_after_it_and_keeps_no_other_name():
    with transaction.atomic():
        until_commit("one")
        within = is_free("one"), is_free("two")

    assert (within, is_free("one")) == ((False, True), True)


@pytest.mark.django_db
def test_lock_until_commit_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        until_commit("one")


@pytest.mark.django_db(transaction=True)
def test_lock_until_commit_without_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError, match="held by nobody"):
        until_commit("one")
