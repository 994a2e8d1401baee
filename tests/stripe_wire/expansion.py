"""`expand[]`: ids replaced by their objects, and the fields that Stripe shows only when asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.stripe_wire.refusals import malformed
from tests.stripe_wire.store import Obj, visible
from tests.stripe_wire.world import World

Included = Callable[[World, Obj], Any]

_DEPTH = 4
_INCLUDABLE: dict[tuple[str, str], Included] = {}
# Ids that the SDK types as plain strings.
_NEVER = {("subscription_item", "subscription"), ("charge", "payment_method"), ("line_item", "invoice")}


def includable(kind: str, field: str) -> Callable[[Included], Included]:
    """Register a field that is there only when expanded."""

    def register(make: Included) -> Included:
        _INCLUDABLE[kind, field] = make
        return make

    return register


def expand(world: World, shown: Obj, path: str) -> None:
    """Expand `path` in place; raises Refusal where there is nothing to expand."""
    names = path.split(".")
    if len([name for name in names if name != "data"]) > _DEPTH:
        raise malformed(f"You cannot expand more than {_DEPTH} levels of a property ({path})", param="expand")
    _expand(world, shown, names, path, "")


def _expand(world: World, node: Any, names: list[str], path: str, owner: str) -> None:
    if isinstance(node, list):
        for one in node:
            _expand(world, one, names, path, owner)
        return
    # What may be expanded is a matter of the kind of object, so a deleted one has nothing to expand and no complaint.
    if node is None or not names or node.get("deleted"):
        return
    name, *rest = names
    kind = node.get("object") or owner
    if (kind, name) in _INCLUDABLE and name not in node:
        # The shown copy lacks the server's own keys; the stored object has them.
        stored = world.store.find(node.get("id", "")) or node
        node[name] = visible(_INCLUDABLE[kind, name](world, stored))
    elif name not in node:
        raise malformed(f"This property cannot be expanded ({path}).", param="expand")
    elif isinstance(node[name], str):
        node[name] = _object(world, kind, name, node[name], path)
    elif not rest and isinstance(node[name], int):
        raise malformed(f"This property cannot be expanded ({path}).", param="expand")
    _expand(world, node[name], rest, path, f"{kind}.{name}")


def _object(world: World, kind: str, name: str, id_: str, path: str) -> Obj:
    found = None if (kind, name) in _NEVER else world.store.find(id_)
    if found is None or name == "id":
        raise malformed(f"This property cannot be expanded ({path}).", param="expand")
    shown: Obj = visible(found)
    return shown
