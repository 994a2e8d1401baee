"""Every object of the account by id, oldest first. A key that begins with an underscore is the server's own."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from typing import Any

from tests.stripe_wire.refusals import missing

Obj = dict[str, Any]

_LETTERS = string.ascii_letters + string.digits
_LENGTHS = {"cus": 14, "prod": 14, "si": 14, "cs_test": 58, "evt": 24, "we": 24}
# Not the seeded one: a test that seeds `random` twice would get two accounts with the same ids in one database.
_random = random.SystemRandom()


class Store:
    def __init__(self) -> None:
        self._objects: dict[str, Obj] = {}

    def __iter__(self) -> Iterator[Obj]:
        return iter(self._objects.values())

    def add(self, obj: Obj) -> Obj:
        self._objects[obj["id"]] = obj
        return obj

    def find(self, id_: str) -> Obj | None:
        return self._objects.get(id_)

    def get(self, kind: str, id_: str, param: str = "id") -> Obj:
        """Raise Refusal where there is none or it is deleted."""
        found = self._objects.get(id_)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(kind, id_, param)
        return found

    def all(self, kind: str, *tests: Callable[[Obj], bool], **equal: Any) -> list[Obj]:
        """Newest first; a filter of None filters nothing. Raise Refusal for a customer that never was."""
        wanted = {name: value for name, value in equal.items() if value is not None}
        if wanted.get("customer", "") not in ("", *self._objects):
            raise missing("customer", wanted["customer"], "customer")
        return [
            obj
            for obj in reversed(self._objects.values())
            if obj["object"] == kind
            and not obj.get("deleted")
            and all(obj.get(name) == value for name, value in wanted.items())
            and all(test(obj) for test in tests)
        ]

    def remove(self, id_: str) -> None:
        del self._objects[id_]


def new_id(prefix: str) -> str:
    return f"{prefix}_{letters(_LENGTHS.get(prefix, 24))}"


def letters(count: int) -> str:
    return "".join(_random.choices(_LETTERS, k=count))


def list_of(rows: list[Obj], url: str) -> Obj:
    return {"object": "list", "data": rows, "has_more": False, "url": url}


def visible(value: Any) -> Any:
    """A copy as it goes over the wire."""
    if isinstance(value, dict):
        return {key: visible(inner) for key, inner in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [visible(inner) for inner in value]
    return value


def merged(metadata: dict[str, str] | None, given: dict[str, str] | str | None) -> dict[str, str]:
    """Stripe's rule: an empty value unsets its key, an empty string all of them."""
    if given == "":
        return {}
    both = {**(metadata or {}), **(given if isinstance(given, dict) else {})}
    return {key: value for key, value in both.items() if value != ""}


def set_given(obj: Obj, params: dict[str, Any], names: str) -> None:
    """Write the parameters that were sent among `names`; an empty string is Stripe's null."""
    for name in names.split():
        if name == "metadata" and name in params:
            obj["metadata"] = merged(obj.get("metadata"), params["metadata"])
        elif name in params:
            obj[name] = None if params[name] == "" else params[name]
