"""Work that is due once a night: from its hour on, until it was done.

The clock asks again every half hour, so whatever ended it, a deployment, a killed cluster, a storage that was away, it
is begun anew. What ends its own process each time is begun a few times and then left until the next night.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.core.cache import cache

from canvascast.advisory_locks import held_alone
from canvascast.logs import get_logger
from canvascast.operations.models import Work
from canvascast.operations.nights_dates import noted

log = get_logger("operations")

_MOST_STARTS = 6


@contextmanager
def nights_work(work: Work, *, hour: int, now: datetime) -> Iterator[bool]:
    """Tell whether it is to be done now, after that hour UTC; a block that ends without an error has done it.

    There is one such work at a time on all hosts, whichever it is: it keeps a process from sending mail.
    """
    night = _begin_of_night(hour, now)
    with held_alone("nights_work") as is_free:
        if not is_free or not _is_due(work, night):
            yield False
            return
        with noted(work):
            yield True
        cache.set(_key(work), (night, _MOST_STARTS), timeout=None)


def _begin_of_night(hour: int, now: datetime) -> datetime:
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def _is_due(work: Work, night: datetime) -> bool:
    """Count a start if one is due. Done, and begun too often, look alike: nothing is left to do that night."""
    kept: tuple[datetime, int] | None = cache.get(_key(work))
    starts = kept[1] if kept and kept[0] == night else 0
    if starts >= _MOST_STARTS:
        return False
    if starts == _MOST_STARTS - 1:
        log.error("nights_work_keeps_failing", work=work, starts=starts)
    cache.set(_key(work), (night, starts + 1), timeout=None)
    return True


def _key(work: Work) -> str:
    return f"nights_work:{work}"
