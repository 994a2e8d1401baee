"""Read the gauges, at most once in ten seconds a process, and give them to Prometheus' own client."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import Error as DatabaseTrouble
from django.db import OperationalError, connection, transaction
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg.errors import QueryCanceled

from canvascast import hint_queue
from canvascast.logs import get_logger
from canvascast.metrics.gauges import HINTS, OTHER, READINGS, Gauge, Reading
from canvascast.metrics.watched import Check, last_watches
from canvascast.patient_queue import BrokerAway

log = get_logger("metrics")

Rows = list[tuple[Any, ...]]  # Any: columns of a query
_KEY, _KEPT_SECONDS = "metrics", 10
_LONGEST_QUERY_MILLISECONDS = 3_000
# Prometheus waits for ten seconds; what was not read by then is left out.
_LONGEST_READ_SECONDS = 5.0
# For all queues together; what is not told by then is left out.
_BROKER_SECONDS = 2.0

_UP = Gauge("canvascast_database_up", "1 when the database answered; without it there are no numbers from it.")
_BROKER = Gauge("canvascast_broker_up", "1 when what carries the hints answered; without it they go by PostgreSQL.")
_UNREAD = Gauge(
    "canvascast_reading_failed",
    "1 where the database took too long to tell a number; this and what is read with it are left out.",
)
_DISK = Gauge("canvascast_disk_free_bytes", "Free bytes on the disk on which this machine works.")
_DISK_FLOOR = Gauge("canvascast_disk_floor_bytes", "DISK_FLOOR_BYTES: below it this machine says it is not ready.")
_BUDGET = Gauge("canvascast_provider_budget_dollars", "DAILY_BUDGET_USD: what all vendors may cost in a day.")
_TRIALS = Gauge("canvascast_trial_budget_credits", "TRIAL_BUDGET_CREDITS: welcome credits that a day may give away.")
_BROKEN = Gauge("canvascast_invariants_broken", "What the last check of late credits, jobs and leases found wrong.")
_WATCHED = Gauge("canvascast_watch_age_seconds", "How long ago that check was made; it is due every five minutes.")
_BROKEN_AT_NIGHT = Gauge(
    "canvascast_invariants_broken_at_night", "What the last check of all there ever was found wrong."
)
_OF_CHECKS: dict[Check, Gauge] = {"lately": _BROKEN, "everything": _BROKEN_AT_NIGHT}


@dataclass(frozen=True)
class Sample:
    """One value of one gauge; `label` and `value_of_label` are empty for a gauge without labels."""

    gauge: Gauge
    label: str
    value_of_label: str
    value: float


def forget() -> None:
    """Make the next reader look again."""
    caches["process"].delete(_KEY)


def numbers() -> dict[str, dict[str, float]]:
    """Return what the database says now, by gauge and then by the value of its label; empty while it says nothing."""
    found: dict[str, dict[str, float]] = {}
    for sample in _of_the_database():
        found.setdefault(sample.gauge.name, {})[sample.value_of_label] = sample.value
    return found


class Business(Collector):
    """What the database and the disk say, for a registry of Prometheus' client."""

    def collect(self) -> Iterable[Metric]:
        """Yield every gauge; while the database does not answer, only those that need none."""
        families: dict[str, GaugeMetricFamily] = {}
        for sample in [*_of_this_machine(), *_of_the_database()]:
            labels = [sample.label] if sample.label else []
            gauge = sample.gauge
            family = families.setdefault(gauge.name, GaugeMetricFamily(gauge.name, gauge.help, labels=labels))
            family.add_metric([sample.value_of_label] if sample.label else [], sample.value)
        return families.values()


def _of_this_machine() -> Iterator[Sample]:
    yield _plain(_DISK, shutil.disk_usage(_existing(Path(settings.VAR_DIR))).free)
    yield _plain(_DISK_FLOOR, settings.DISK_FLOOR_BYTES)
    yield _plain(_BUDGET, settings.DAILY_BUDGET_USD)
    yield _plain(_TRIALS, settings.TRIAL_BUDGET_CREDITS)


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)


def _of_the_database() -> list[Sample]:
    remembered: list[Sample] | None = caches["process"].get(_KEY)
    if remembered is not None:
        return remembered
    try:
        samples = list(_read())
    except DatabaseTrouble:
        connection.close_if_unusable_or_obsolete()
        return [_plain(_UP, 0)]
    caches["process"].set(_KEY, samples, _KEPT_SECONDS)
    return samples


def _read() -> Iterator[Sample]:
    asked = [reading for reading in READINGS if reading is not HINTS or settings.HINTS_COMMIT_WITH_ROWS]
    found = _rows_of(asked)
    for reading in asked:
        rows = found.get(reading.sql)
        yield Sample(_UNREAD, "gauge", reading.gauges[0].name, float(rows is None))
        if rows is not None:
            yield from _samples(reading, rows)
    yield from _hints_elsewhere() if not settings.HINTS_COMMIT_WITH_ROWS else [_plain(_BROKER, 1)]
    for check, watched in last_watches().items():
        yield _plain(_OF_CHECKS[check], watched.findings)
        if check == "lately":  # The night's is among the works of the night.
            yield _plain(_WATCHED, watched.age_seconds)
    yield _plain(_UP, 1)


def _rows_of(readings: Sequence[Reading]) -> dict[str, Rows]:
    """Return the rows of each reading by its query, without those that took too long: a slow database is not down."""
    found: dict[str, Rows] = {}
    waiting = list(readings)
    deadline = time.monotonic() + _LONGEST_READ_SECONDS
    while waiting and time.monotonic() < deadline:
        try:
            _read_on(waiting, found, deadline)
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            log.warning("reading_failed", gauge=waiting.pop(0).gauges[0].name)
    return found


def _read_on(waiting: list[Reading], found: dict[str, Rows], deadline: float) -> None:
    """Take readings off the list as they are read. A query that is canceled ends the transaction of those before."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling a query for a look of some milliseconds takes longer than the look.
        limits = "SELECT set_config('statement_timeout', %s, true), set_config('jit', 'off', true)"
        cursor.execute(limits, [f"{_LONGEST_QUERY_MILLISECONDS}ms"])
        while waiting and time.monotonic() < deadline:
            cursor.execute(waiting[0].sql, waiting[0].parameters() or None)
            found[waiting[0].sql] = cursor.fetchall()
            del waiting[0]


def _hints_elsewhere() -> Iterator[Sample]:
    try:
        found = hint_queue.counts_elsewhere(settings.QUEUES, within_seconds=_BROKER_SECONDS)
    except BrokerAway:
        yield _plain(_BROKER, 0)
        return
    yield _plain(_BROKER, 1)
    yield from (Sample(HINTS.gauges[0], HINTS.label, queue, number) for queue, number in found.items())


def _samples(reading: Reading, rows: Rows) -> Iterator[Sample]:
    if not reading.label:
        yield from (_plain(gauge, value) for gauge, value in zip(reading.gauges, rows[0], strict=True))
        return
    known = None if reading.known is None else {str(name) for name in reading.known()}
    found: dict[str, list[float]] = {name: [0.0] * len(reading.gauges) for name in known or ()}
    for value_of_label, *values in rows:
        name = value_of_label if known is None or value_of_label in known else OTHER
        earlier = found.get(name, [0.0] * len(values))
        found[name] = [before + float(value) for before, value in zip(earlier, values, strict=True)]
    for name, values in found.items():
        for gauge, value in zip(reading.gauges, values, strict=True):
            yield Sample(gauge, reading.label, name, value)


def _plain(gauge: Gauge, value: float) -> Sample:
    return Sample(gauge, "", "", float(value))
