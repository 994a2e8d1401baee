"""dj-stripe's tables as the catalogs of a database describe them, small enough to keep in the repository."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import djstripe
import psycopg

PROVEN = Path(__file__).parent / "djstripe_schema.json"

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relname LIKE 'djstripe\\_%' AND a.attnum > 0 AND NOT a.attisdropped"""
_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'djstripe\\_%'"
# NOT NULL is a constraint of its own from PostgreSQL 18 on; the columns tell it for every version.
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, condeferred
    FROM pg_constraint WHERE conrelid::regclass::text LIKE 'djstripe\\_%' AND contype <> 'n'"""
_SEQUENCES = "SELECT sequencename, data_type::text FROM pg_sequences WHERE sequencename LIKE 'djstripe\\_%'"


def fingerprint(connection: psycopg.Connection | Any) -> dict[str, Any]:
    """Return the counts of columns, indexes, constraints and sequences, and a digest of all of them by table."""
    facts = {name: _facts(connection, sql) for name, sql in _QUERIES.items()}
    lines: dict[str, list[str]] = defaultdict(list)
    for name, rows in facts.items():
        for table, *fact in rows:
            lines[table].append(f"{name} {fact}")
    return {
        "version": version("dj-stripe"),
        "migrations": sorted(_migrations()),
        "counts": {name: len(rows) for name, rows in facts.items()},
        "tables": {table: _digest(sorted(found)) for table, found in sorted(lines.items())},
    }


def proven_fingerprint() -> dict[str, Any]:
    """Return the fingerprint that dj-stripe's own migrations had when they were last run."""
    found: dict[str, Any] = json.loads(PROVEN.read_text())
    return found


_QUERIES = {"columns": _COLUMNS, "indexes": _INDEXES, "constraints": _CONSTRAINTS, "sequences": _SEQUENCES}


def _facts(connection: Any, sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _migrations() -> Iterator[str]:
    for path in (Path(djstripe.__file__).parent / "migrations").glob("0*.py"):
        yield f"{path.stem} {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
