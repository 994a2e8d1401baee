"""Form-encoded parameters, decoded and held against the SDK's own description of what each request takes."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Union
from urllib.parse import parse_qsl

from stripe import RequestOptions

from tests.stripe_wire.refusals import malformed, not_here

Params = dict[str, Any]

_ELSEWHERE = {"StripeContext": object, "Mapping": Mapping}
_OPTIONS = frozenset(RequestOptions.__annotations__)
_MOST_KEYS = 50
_LONGEST_KEY = 40
_LONGEST_VALUE = 500
_LISTING = ("created", "ending_before", "expand", "limit", "starting_after")


def decode(text: str) -> Params:
    """`a[b][0][c]=x&d[]=y` as nested dictionaries and lists of strings."""
    tree: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        place, *keys = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        node = tree
        for key in keys:
            node = node.setdefault(place, {})
            place = key or str(len(node))
        node[place] = value
    decoded: Params = _with_lists(tree)
    return decoded


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    values = {key: _with_lists(value) for key, value in node.items()}
    if values and all(key.isdecimal() for key in values):
        return [values[key] for key in sorted(values, key=int)]
    return values


def checked(params: Params, spec: type, takes: str) -> Params:
    """Return the parameters with their types; raises Refusal for what Stripe, or this server, does not take.

    `spec` is the SDK's TypedDict of the request; `takes` are the dotted names that this server honours.
    """
    typed: Params = _fields(params, spec, "")
    names = {*takes.split(), *_LISTING}
    _refuse_unhonoured(typed, names, "")
    return typed


def _fields(params: Params, spec: type, prefix: str) -> Params:
    hints, required = hints_of(spec)
    for name in params:
        if name not in hints:
            raise malformed(
                f"Received unknown parameter: {_path(prefix, name)}",
                code="parameter_unknown",
                param=_path(prefix, name),
            )
    for name in required:
        if name not in params:
            raise malformed(
                f"Missing required param: {_path(prefix, name)}.", code="parameter_missing", param=_path(prefix, name)
            )
    return {name: _typed(value, hints[name], _path(prefix, name)) for name, value in params.items()}


def _path(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


@cache
def hints_of(spec: type) -> tuple[dict[str, Any], frozenset[str]]:
    """The types of a request's parameters, and the names of those that must be there."""
    hints = typing.get_type_hints(spec, localns=_ELSEWHERE)
    required: frozenset[str] = getattr(spec, "__required_keys__", frozenset())
    return {name: hint for name, hint in hints.items() if name not in _OPTIONS}, required - _OPTIONS


def _typed(value: Any, hint: Any, path: str) -> Any:
    options = list(options_of(hint))
    if isinstance(value, dict):
        return _typed_mapping(value, options, path)
    if isinstance(value, list):
        item = next((typing.get_args(one)[0] for one in options if typing.get_origin(one) is list), None)
        if item is None:
            raise malformed(f"Invalid array: {path}", param=path)
        return [_typed(one, item, f"{path}[{index}]") for index, one in enumerate(value)]
    return _typed_text(value, options, path)


def options_of(hint: Any) -> typing.Iterator[Any]:
    """The branches of a union, flat."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        for one in typing.get_args(hint):
            yield from options_of(one)
    else:
        yield hint


def _typed_mapping(value: Params, options: list[Any], path: str) -> Any:
    for one in options:
        if typing.is_typeddict(one) or hasattr(one, "__required_keys__"):
            return _fields(value, one, path)
        if typing.get_origin(one) is dict:
            return _metadata(value, path)
    raise malformed(f"Invalid object: {path}", param=path)


def _metadata(value: Params, path: str) -> dict[str, str]:
    """Within Stripe's limits: https://docs.stripe.com/api/metadata"""
    if len(value) > _MOST_KEYS:
        raise malformed(f"You can only have up to {_MOST_KEYS} metadata keys.", param=path)
    for key, text in value.items():
        if len(key) > _LONGEST_KEY:
            raise malformed(f"Metadata keys must be {_LONGEST_KEY} characters or less.", param=f"{path}[{key}]")
        if not isinstance(text, str) or len(text) > _LONGEST_VALUE:
            raise malformed(
                f"Metadata values are texts of {_LONGEST_VALUE} characters or less.", param=f"{path}[{key}]"
            )
    return dict(value)


def _typed_text(value: str, options: list[Any], path: str) -> Any:
    words = [word for one in options if typing.get_origin(one) is Literal for word in typing.get_args(one)]
    if value in words:
        return value
    if value == "":
        raise malformed(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{path}' cannot be unset.",
            code="parameter_invalid_empty",
            param=path,
        )
    if bool in options and value in ("true", "false"):
        return value == "true"
    for kind, pattern in ((int, r"-?\d+"), (float, r"-?\d+(\.\d+)?")):
        if kind in options and re.fullmatch(pattern, value):
            return kind(value)
    if any(words):
        raise malformed(f"Invalid {path}: must be one of {', '.join(filter(None, words))}", param=path)
    return _as_text(value, options, path)


def _as_text(value: str, options: list[Any], path: str) -> str:
    if int in options and str not in options:
        raise malformed(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
    if bool in options and str not in options:
        raise malformed(f"Invalid boolean: {value}", param=path)
    if all(typing.is_typeddict(one) or hasattr(one, "__required_keys__") for one in options):
        raise malformed(f"Invalid object: {path}", param=path)
    return value


def _refuse_unhonoured(value: Any, names: set[str], prefix: str) -> None:
    if isinstance(value, list):
        for one in value:
            _refuse_unhonoured(one, names, prefix)
        return
    if not isinstance(value, dict):
        raise not_here(f"the parameter {prefix}")
    for name, inner in value.items():
        path = f"{prefix}.{name}" if prefix else name
        if path in names:
            continue
        if not any(one.startswith(f"{path}.") for one in names):
            raise not_here(f"the parameter {path}")
        _refuse_unhonoured(inner, names, path)
