"""The API's paths: what each takes, who answers, and how lists are cut into pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.stripe_wire.expansion import expand
from tests.stripe_wire.parameters import Params, checked
from tests.stripe_wire.refusals import Refusal, malformed, missing
from tests.stripe_wire.store import Obj, visible
from tests.stripe_wire.world import World

Answer = Callable[..., Any]


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    pattern: re.Pattern[str]
    spec: type
    takes: str
    answer: Answer


ENDPOINTS: list[Endpoint] = []


def endpoint(method: str, path: str, spec: type, takes: str = "") -> Callable[[Answer], Answer]:
    """Register a function of (world, parameters, ids of the path) that returns an object, or rows for a list."""

    def register(answer: Answer) -> Answer:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        # A path without ids wins: /v1/invoices/create_preview is no invoice.
        place = len(ENDPOINTS) if "{" in path else 0
        ENDPOINTS.insert(place, Endpoint(method, path, pattern, spec, takes, answer))
        return answer

    return register


def answer(world: World, method: str, path: str, params: Params) -> Obj:
    """Return the answer to one request; raises Refusal."""
    for one in ENDPOINTS:
        found = one.pattern.fullmatch(path)
        if found and one.method == method:
            typed = checked(params, one.spec, one.takes)
            result = one.answer(world, typed, **found.groupdict())
            shown = _page(result, typed, path) if isinstance(result, list) else visible(result)
            for wanted in typed.get("expand", []):
                expand(world, shown, wanted)
            return shown
    raise Refusal(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        status=404,
        is_kept=False,
    )


def _page(rows: list[Obj], params: Params, path: str) -> Obj:
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise malformed("This value must be between 1 and 100.", code="parameter_invalid_integer", param="limit")
    rows = [row for row in rows if _is_between(row.get("created", 0), params.get("created"))]
    if "ending_before" in params:
        rows = rows[: _place(rows, params["ending_before"], "ending_before")][::-1]
    elif "starting_after" in params:
        rows = rows[_place(rows, params["starting_after"], "starting_after") + 1 :]
    cut = rows[:limit]
    data = visible(cut[::-1] if "ending_before" in params else cut)
    return {"object": "list", "data": data, "has_more": len(rows) > limit, "url": path}


def _is_between(created: int, wanted: Any) -> bool:
    if wanted is None:
        return True
    if not isinstance(wanted, dict):
        return bool(created == int(wanted))
    return (
        created >= wanted.get("gte", created)
        and created <= wanted.get("lte", created)
        and created > wanted.get("gt", created - 1)
        and created < wanted.get("lt", created + 1)
    )


def _place(rows: list[Obj], id_: str, param: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == id_:
            return index
    raise missing("object", id_, param)
