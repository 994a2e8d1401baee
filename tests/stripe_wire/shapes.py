"""Objects held against the SDK's classes and against Stripe's own sample objects."""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, ForwardRef, Literal, Union

import pytest
from stripe import StripeObject
from stripe._object_classes import get_object_class

from canvascast.env import ROOT

_SAMPLES = ROOT.parent / "shared" / "contracts" / "stripe.fixtures3.json"
# The samples show what is there only when expanded, fields of older API versions, and an event of another object.
_NOT_SHOWN = {("charge", "refunds"), ("invoice", "subscription"), ("event.data", "object")}
_PLAIN: dict[Any, tuple[type, ...]] = {int: (int,), str: (str,), bool: (bool,), float: (int, float), Decimal: (str,)}


def against_sdk(obj: dict[str, Any]) -> list[str]:
    """Return where the object differs from the class that the SDK makes of it."""
    return list(_object_faults(obj, get_object_class("V1", obj["object"]), obj["object"]))


def _object_faults(obj: dict[str, Any], kind: type, path: str) -> Iterator[str]:
    fields = inspect.get_annotations(kind)
    for name, hint in fields.items():
        if name.startswith("_") or typing.get_origin(hint) is typing.ClassVar:
            continue
        if name in obj:
            yield from _value_faults(obj[name], hint, f"{path}.{name}")
        elif not _is_optional(hint):
            yield f"{path}.{name} is missing"
    for name in obj.keys() - fields.keys():
        yield f"{path}.{name} is unknown to the SDK"


def _value_faults(value: Any, hint: Any, path: str) -> Iterator[str]:
    if value is None:
        if not _is_optional(hint):
            yield f"{path} is null"
        return
    options = list(_options(hint))
    if isinstance(value, dict):
        yield from _mapping_faults(value, options, path)
    elif isinstance(value, list):
        inner = next((typing.get_args(one)[0] for one in options if typing.get_origin(one) is list), None)
        if inner is None:
            yield f"{path} is a list"
            return
        for one in value:
            yield from _value_faults(one, inner, f"{path}[]")
    elif not any(_is_plain(value, one) for one in options):
        yield f"{path} is {value!r}"


def _mapping_faults(value: dict[str, Any], options: list[Any], path: str) -> Iterator[str]:
    if value.get("object") == "list":
        for one in value["data"]:
            yield from against_sdk(one)
    elif isinstance(value.get("object"), str):
        yield from against_sdk(value)
    else:
        nested = next((one for one in options if isinstance(one, type) and issubclass(one, StripeObject)), None)
        if nested is not None and inspect.get_annotations(nested):
            yield from _object_faults(value, nested, path)
        elif not any(typing.get_origin(one) is not None for one in options) and nested is None:
            yield f"{path} is an object"


def _is_plain(value: Any, option: Any) -> bool:
    if typing.get_origin(option) is Literal:
        return value in typing.get_args(option)
    if isinstance(value, bool):
        return option is bool
    return isinstance(value, _PLAIN.get(option, ()))


def _is_optional(hint: Any) -> bool:
    return type(None) in list(_options(hint))


def _options(hint: Any) -> Iterator[Any]:
    """The branches of a union. A closed list of words with `str` beside it stays closed."""
    branches = list(_branches(hint))
    has_words = any(typing.get_origin(one) is Literal for one in branches)
    for one in branches:
        if not (has_words and one is str):
            yield one


def _branches(hint: Any) -> Iterator[Any]:
    if isinstance(hint, ForwardRef):
        return
    if typing.get_origin(hint) in (Union, types.UnionType):
        for one in typing.get_args(hint):
            yield from _branches(one)
    else:
        yield hint


def against_sample(obj: dict[str, Any]) -> list[str]:
    """Return where the object lacks a field of Stripe's sample, or has another type there; skips without samples."""
    sample = samples().get(obj["object"])
    return (
        [f"there is no sample of {obj['object']}"] if sample is None else list(_differences(obj, sample, obj["object"]))
    )


@cache
def samples() -> dict[str, Any]:
    if not _SAMPLES.is_file():
        pytest.skip("Stripe's sample objects are not there (shared/contracts/stripe.fixtures3.json)")
    found: dict[str, Any] = json.loads(_SAMPLES.read_text())["resources"]
    return found


def _differences(obj: dict[str, Any], sample: dict[str, Any], path: str) -> Iterator[str]:
    for name, expected in sample.items():
        if (path, name) in _NOT_SHOWN:
            continue
        if name not in obj:
            yield f"{path}.{name} is missing"
        elif isinstance(expected, dict) and isinstance(obj[name], dict) and name != "metadata":
            yield from () if not obj[name] else _differences(obj[name], expected, f"{path}.{name}")
        elif not _is_like(obj[name], expected):
            yield f"{path}.{name} is {obj[name]!r} and not like {expected!r}"


def _is_like(value: Any, expected: Any) -> bool:
    return value is None or expected is None or type(value) is type(expected)
