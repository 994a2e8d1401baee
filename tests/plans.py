"""How much of the tables a piece of work reads, by what PostgreSQL says of each of its queries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def rows_read(work: Callable[[], object]) -> Counter[str]:
    """Return by table how many rows the queries of `work` look at, those that they throw away too.

    They are planned as for tables that nobody would read from end to end where an index serves.
    """
    with CaptureQueriesContext(connection) as queries:
        work()
    read: Counter[str] = Counter()
    for query in queries:
        if query["sql"].lstrip().startswith("SELECT"):
            for scan in _scans(_plan(query["sql"])):
                read[scan["Relation Name"]] += _rows(scan)
    return read


def _plan(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (told,) = cursor.fetchone()
        cursor.execute("SET LOCAL enable_seqscan = on")
    plan: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return plan


def _scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Relation Name" in node:
        yield node
    for child in node.get("Plans", ()):
        yield from _scans(child)


def _rows(scan: dict[str, Any]) -> int:
    a_loop = scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) + scan.get("Rows Removed by Index Recheck", 0)
    return round(a_loop * scan["Actual Loops"])
