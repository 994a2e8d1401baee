"""The walk over the site: which form goes where, sending it, and judging the answer."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from canvascast.env import ROOT
from tests.access import matrix
from tests.access.world import patterns
from tests.forms.ground import Ground
from tests.forms.hostile import Request
from tests.forms.page_forms import PageForm, forms_of
from tests.promptness import Taken, taken

_READ_BY_HAND = re.compile(r"""request\.(GET|POST)(?:\.get(?:list)?\(|\[)"(\w+)"|"(\w+)" in request\.(GET|POST)""")
_OF_A_BUG = re.compile(
    r"Traceback|\bException\b|\b[A-Z]\w+(?:Error|DoesNotExist)\b|psycopg|site-packages|\bat 0x[0-9a-f]{6}"
)
_SCRIPTS = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)


@dataclass(frozen=True)
class Target:
    """A form that somebody can send to an address of that pattern."""

    who: str
    pattern: str
    form: PageForm

    def __str__(self) -> str:
        return f"{self.form.method.upper()} {self.pattern} ({self.form.action[:80]}) as {self.who}"


@dataclass
class Tally:
    """What the answers were."""

    requests: int = 0
    slowest: Taken = field(default_factory=Taken)
    faults: list[str] = field(default_factory=list)

    def note(self, time: Taken) -> None:
        self.requests += 1
        self.slowest = max(self.slowest, time, key=lambda each: each.cpu_seconds)


def shown_forms(ground: Ground, *, is_staff_too: bool) -> list[Target]:
    """Return the forms of every page that anybody is shown, each kind once for each of them."""
    found: dict[tuple[str, ...], Target] = {}
    for who, client in ground.clients.items():
        for address in ground.addresses(who, is_staff_too=is_staff_too):
            for form in _forms_at(client, address):
                pattern = pattern_of(form.path)
                if pattern is not None:
                    found.setdefault((who, pattern, form.method, *form.fields), Target(who, pattern, form))
    return list(found.values())


def without_form(shown: list[Target]) -> list[str]:
    """Return the patterns that take what changes something, by the table of access, and that no form leads to.

    One that is missing in the table counts.
    """
    table = matrix.rows()
    led_to = {target.pattern for target in shown if target.form.method != "get"}
    taking = [pattern for pattern in patterns() if "405" not in (matrix.expected(table, pattern, "POST") or ())]
    return [pattern for pattern in taking if pattern not in led_to]


def targets(ground: Ground, shown: list[Target], *, is_staff_too: bool) -> list[Target]:
    """Return every form that changes something, and for each address that none leads to one by names from code."""
    rest = [pattern for pattern in without_form(shown) if is_staff_too or not pattern.startswith("admin/")]
    forms = [target for target in shown if target.form.method != "get"]
    return [*forms, *(target for pattern in rest for target in _unshown(ground, pattern))]


def queries(ground: Ground, shown: list[Target]) -> list[Target]:
    """Return every page with the names that links, forms and its code put into its query."""
    table = matrix.rows()
    asked = [pattern for pattern in patterns() if "405" not in (matrix.expected(table, pattern, "GET") or ())]
    return [_query(ground, pattern, shown) for pattern in asked]


def misnamed(ground: Ground, *, is_staff_too: bool) -> Iterator[Callable[[str], Target]]:
    """Yield what puts something else where an address names a thing: each such place, by each method."""
    for pattern in patterns():
        is_staff = pattern.startswith("admin/")
        if "^" in pattern or "$" in pattern or (is_staff and not is_staff_too):
            continue
        whole = ground.address(pattern).lstrip("/").split("/")
        for place in (number for number, part in enumerate(pattern.split("/")) if part.startswith("<")):
            for method in ("get", "post"):
                yield partial(_misnamed, "staff" if is_staff else "owner", pattern, method, whole, place)


def send(ground: Ground, target: Target, request: Request, tally: Tally) -> None:
    """Send the request, undo what it changed, and note what is wrong with the answer, if anything."""
    client = ground.clients[target.who]
    client.raise_request_exception = False
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        with taken() as time:
            answer = _answered(client, target.form, request)
            content = answer.getvalue()
        transaction.set_rollback(True)
    client.cookies = cookies
    tally.note(time)
    wrong = fault_of(answer, content, time)
    # No worker serves the site of a test, and /ready says so.
    is_its_word = (target.form.path, answer.status_code) == ("/ready", HTTPStatus.SERVICE_UNAVAILABLE)
    if wrong and not (is_its_word and time.is_prompt):
        tally.faults.append(f"{target}: {wrong} to {request}")


def fault_of(answer: Any, content: bytes, time: Taken) -> str:  # Any: an answer of Django's test client
    """Return what no answer may be: a bug, an outage, slow, or in the words of an exception."""
    status = answer.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        error = (getattr(answer, "exc_info", None) or (None, ""))[1]
        return f"{status} ({type(error).__name__}: {str(error)[:200]})"
    if not time.is_prompt:
        return f"{status} after {time}"
    words = _OF_A_BUG.search(_SCRIPTS.sub("", content.decode("utf-8", "replace")))
    return f"{status} with the words {words[0]!r}" if words else ""


def _answered(client: Client, form: PageForm, request: Request) -> Any:  # Any: as above
    headers = dict(request.headers)
    if form.method == "get":
        return client.get(f"{form.path}?{request.query().decode()}", headers=headers)
    body, kind = request.body()
    return client.generic(form.method.upper(), form.action, body, kind, headers=headers)


def _forms_at(client: Client, address: str) -> list[PageForm]:
    with transaction.atomic():
        answer = client.get(address)
        transaction.set_rollback(True)
    is_page = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
    return forms_of(answer.content.decode(), address) if is_page else []


def _misnamed(who: str, pattern: str, method: str, parts: list[str], place: int, named: str) -> Target:
    return Target(who, pattern, PageForm("/" + "/".join([*parts[:place], named, *parts[place + 1 :]]), method))


def _unshown(ground: Ground, pattern: str) -> Iterator[Target]:
    form = PageForm(ground.address(pattern), "post")
    for name in _names_read("POST"):
        form.add(name)
    for who in ("staff",) if pattern.startswith("admin/") else ("anonymous", "owner"):
        yield Target(who, pattern, form)


def _query(ground: Ground, pattern: str, shown: list[Target]) -> Target:
    form = PageForm(ground.address(pattern), "get")
    for target in shown:
        if (target.pattern, target.form.method) == (pattern, "get"):
            for each in target.form.fields.values():
                form.add(each.name, *each.values)
    for name in _names_read("GET"):
        form.add(name)
    return Target("staff" if pattern.startswith("admin/") else "owner", pattern, form)


@cache
def _names_read(method: str) -> tuple[str, ...]:
    """Return the names that views look up by hand, with no form to tell them."""
    names = set()
    for file in _sources():
        for by_call, called, tested, by_test in _READ_BY_HAND.findall(file.read_text()):
            if (by_call or by_test) == method:
                names.add(called or tested)
    return tuple(sorted(names))


def _sources() -> Iterable[Path]:
    return [*ROOT.glob("apps/**/*.py"), *ROOT.glob("canvascast/**/*.py")]


def pattern_of(path: str) -> str | None:
    """Return the pattern of an address, None for one that leads nowhere on this site."""
    try:
        return resolve(urlsplit(path).path).route
    except Resolver404:
        return None
