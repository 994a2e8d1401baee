"""What must be well before requests are sent here; each check ends within five seconds."""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from health_check import checks
from health_check.base import HealthCheck
from health_check.exceptions import HealthCheckException, ServiceUnavailable

from apps.pipeline.queries import is_worker_alive

# The framework adds a second, in which a check may report its own timeout.
_TIMEOUT = timedelta(seconds=4)


@dataclasses.dataclass
class Database(checks.Database):  # type: ignore[misc]  # django-health-check has no types
    """The database answers a query."""

    timeout = _TIMEOUT


class _Remembered(HealthCheck):  # type: ignore[misc]  # as above
    """A check that is made once in `fresh_seconds`, however many ask; its outcome serves the others."""

    timeout = _TIMEOUT
    fresh_seconds: ClassVar[float] = 5.0
    _stale_at: ClassVar[float]
    _trouble: ClassVar[HealthCheckException | None]
    _one_at_a_time: ClassVar[threading.Lock]

    def __init_subclass__(cls) -> None:
        cls._one_at_a_time = threading.Lock()
        cls.forget()

    @classmethod
    def forget(cls) -> None:
        """Make the next call look again."""
        cls._stale_at, cls._trouble = 0.0, None

    def run(self) -> None:
        kind = type(self)
        if not kind._one_at_a_time.acquire(timeout=_TIMEOUT.total_seconds()):
            raise ServiceUnavailable("The check before this one has not ended.")
        try:
            if time.monotonic() >= kind._stale_at:
                kind._trouble = self._look_for_trouble()
                kind._stale_at = time.monotonic() + self.fresh_seconds
        finally:
            kind._one_at_a_time.release()
        if kind._trouble is not None:
            raise kind._trouble

    def _look_for_trouble(self) -> HealthCheckException | None:
        try:
            self.look()
        except HealthCheckException as error:
            return error
        return None

    def look(self) -> None:
        """Raise HealthCheckException when something is wrong."""
        raise NotImplementedError


@dataclasses.dataclass
class Migrations(_Remembered):
    """The database has every table and column that this program expects."""

    def look(self) -> None:
        try:
            executor = MigrationExecutor(connection)
            pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseTrouble as error:
            raise ServiceUnavailable("The database does not answer.") from error
        finally:
            connection.close()
        if pending:
            raise ServiceUnavailable(f"{len(pending)} migrations are pending.")


@dataclasses.dataclass
class Storage(_Remembered):
    """A small file can be written, read and deleted."""

    def look(self) -> None:
        try:
            checks.Storage(alias="temp-processing").run()
        except OSError as error:
            raise ServiceUnavailable(f"Files cannot be kept ({type(error).__name__}).") from error


@dataclasses.dataclass
class Queue(HealthCheck):  # type: ignore[misc]  # as above
    """Every queue has a worker that showed itself lately."""

    timeout = _TIMEOUT

    def run(self) -> None:
        try:
            silent = [queue for queue in settings.QUEUES if not is_worker_alive(queue)]
        except DatabaseTrouble as error:
            raise ServiceUnavailable("The database does not answer.") from error
        finally:
            connection.close()
        if silent:
            raise ServiceUnavailable(f"No worker is alive for: {', '.join(silent)}.")


@dataclasses.dataclass
class Disk(HealthCheck):  # type: ignore[misc]  # as above
    """The disk on which work is done has more than DISK_FLOOR_BYTES free."""

    timeout = _TIMEOUT

    def run(self) -> None:
        if _free_bytes() < settings.DISK_FLOOR_BYTES:
            raise ServiceUnavailable(f"{_free_bytes()} bytes are free, fewer than {settings.DISK_FLOOR_BYTES}.")

    def pretty_status(self) -> str:
        return f"{_free_bytes()} bytes are free"


def _free_bytes() -> int:
    folder = Path(settings.VAR_DIR)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
