"""What must be written down is tried again until the database answers: work that is done is not done twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from canvascast.logs import get_logger

T = TypeVar("T")
log = get_logger("runner")

CODE = "database_unavailable"
# As long as a lease, and what a server takes to start.
_START_SECONDS = 15.0
_NAP_SECONDS = 0.5


def outlast(write: Callable[[], T]) -> T:
    """Return what `write` returns, tried again while the database is away for up to a lease and a restart.

    It must be one transaction that changes nothing the second time: an answer to COMMIT may be what was lost. Raises
    OperationalError or InterfaceError after that time.
    """
    deadline = time.monotonic() + settings.LEASE_SECONDS + _START_SECONDS
    # Not stamina's loop: it would need the same `except` within, to close the connection, and log each try once more.
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() > deadline:
                raise
            log.warning(CODE, error_type=type(error).__name__)
        # A wrong statement is no outage, but comes with the same classes; it fails again when the time is over.
        connection.close()
        time.sleep(_NAP_SECONDS)
