"""Transactions whose process fell silent are ended by the database, so that their locks hold up nobody for long.

A suspended process, or one whose machine was cut off, ends no transaction, and the server keeps its locks until it
learns that nobody is there, which may take hours.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


def end_idle_transactions(*, after_seconds: float) -> None:
    """Let the server end a transaction of this process in which nothing was said for so long.

    It holds for connections opened from now on, in threads and in processes forked from this one too.
    """
    milliseconds = round(after_seconds * 1000)

    def limit(connection: BaseDatabaseWrapper, **_: Any) -> None:  # Any: what else the signal tells
        # Said to the session and not in the connection's options, which poolers refuse.
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [f"{milliseconds}ms"])

    connection_created.connect(limit, weak=False, dispatch_uid="idle_transactions")
