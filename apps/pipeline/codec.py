"""Contracts to JSON and back, and the hash that names what went into a piece of work."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_json(contract: object) -> Any:  # Any: JSON as Python builtins, the shape a jsonb column takes
    """Return `contract` as dicts, lists, strings and numbers."""
    return msgspec.to_builtins(contract)


def from_json(value: object, kind: type[T]) -> T:
    """Build a `kind` from what `to_json` made; tuples, literals and nested contracts are checked.

    Raises msgspec.ValidationError naming the path of the first field that does not fit.
    """
    return msgspec.convert(value, kind)


def digest(*parts: object) -> str:
    """Return the SHA-256 (hex) of the parts' canonical JSON: key order and tuple or list make no difference."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()
