"""The few doors that every write passes: the database's driver, `os`, the storages, the record of calls, mail, HTTP.

A door tells its listener before and after. What passed is named after the innermost line of the product on the stack
that is in the list of `sites.py`; what no line of ours asked for (a session, django-q2's own rows) after its library.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from types import FrameType
from typing import Any

import psycopg
from django.core.files.storage import FileSystemStorage
from django.core.mail.backends.filebased import EmailBackend as FileEmailBackend
from psycopg.pq import TransactionStatus
from urllib3.connectionpool import HTTPConnectionPool

from apps.notifications.webhooks import wire
from apps.pipeline.calls import RecordedProvider
from canvascast.env import ROOT
from tests.chaos.failpoints.sites import Site, sites_by_path

_ROOT = f"{ROOT}/"
_WRITES = re.compile(rb"\s*(?:WITH\b.*?\b)?(INSERT|UPDATE|DELETE|TRUNCATE|ALTER|CREATE|DROP)\b", re.I | re.S)
# Which of the source's sites a door can see.
_SEEN_BY = {
    "commit": ("commit", "write"),
    "rename": ("rename", "store"),
    "drop": ("drop",),
    "call": ("call",),
    "http": ("stripe",),
    "webhook": ("webhook",),
    "mail": ("mail",),
}
_MACHINERY = re.compile(
    r"/(psycopg|django/db|django/utils|urllib3|requests|stripe|contextlib\.py|pathlib\.py|shutil\.py|tests/chaos)"
)


@dataclass(frozen=True)
class Passing:
    """One thing at one door: where it comes from, whether it is over, and every listed site that it carries out."""

    door: str
    name: str
    moment: str
    sites: frozenset[Site] = field(default_factory=frozenset)
    connection: psycopg.Connection[Any] | None = None

    @property
    def failpoint(self) -> str:
        """Return its name: the site, a sign of what else the same commit holds, and the moment."""
        held = hashlib.sha256(" ".join(sorted(site.name for site in self.sites)).encode()).hexdigest()[:4]
        return f"{self.name}{f' ~{held}' if len(self.sites) > 1 else ''}:{self.moment}"


Listener = Callable[[Passing], None]
_listeners: list[Listener] = []
_written: weakref.WeakKeyDictionary[psycopg.Connection[Any], set[Site]] = weakref.WeakKeyDictionary()


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell `listener` of everything that passes a door in this process while the block runs."""
    with _doors():
        _listeners.append(listener)
        try:
            yield
        finally:
            _listeners.remove(listener)


@contextlib.contextmanager
def _doors() -> Iterator[None]:
    replaced = [
        (psycopg.Connection, "commit", _commit),
        (psycopg.Cursor, "execute", _execute),
        (psycopg.Cursor, "executemany", _execute),
        (os, "replace", _passing("rename")),
        (os, "rename", _passing("rename")),
        (os, "link", _passing("rename")),
        (FileSystemStorage, "delete", _passing("drop")),
        (FileEmailBackend, "send_messages", _passing("mail")),
        (wire, "post", _passing("webhook")),
        (HTTPConnectionPool, "urlopen", _passing("http")),
        (RecordedProvider, "_call", _call),
    ]
    with contextlib.ExitStack() as stack:
        for owner, name, door in replaced:
            original = owner.__dict__.get(name) or getattr(owner, name)
            setattr(owner, name, door(original))
            stack.callback(setattr, owner, name, original)
        yield


def _passing(door: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def through(*arguments: Any, **named: Any) -> Any:
            with _told(door):
                return original(*arguments, **named)

        return through

    return wrap


def _call(original: Callable[..., Any]) -> Callable[..., Any]:
    """Between the note that a call is to be made and the note of its answer."""

    def through(self: RecordedProvider, method: str, function: Callable[..., Any], requests: tuple[Any, ...]) -> Any:
        def asked(*arguments: Any) -> Any:
            with _told("call"):
                return function(*arguments)

        return original(self, method, asked, requests)

    return through


def _commit(original: Callable[..., None]) -> Callable[..., None]:
    def through(self: psycopg.Connection[Any]) -> None:
        written = _written.pop(self, None)
        if written is None:
            original(self)
            return
        with _told("commit", connection=self, besides=written):
            original(self)

    return through


def _execute(original: Callable[..., Any]) -> Callable[..., Any]:
    def through(self: psycopg.Cursor[Any], query: Any, *arguments: Any, **named: Any) -> Any:
        text = query.encode() if isinstance(query, str) else query if isinstance(query, bytes) else b""
        connection = self.connection
        if text.startswith(b"RELEASE SAVEPOINT") and connection in _written:
            # The end of a transaction within one: it holds when the outer one does.
            _written[connection].update(_origin("commit")[1])
        if not _WRITES.match(text):
            return original(self, query, *arguments, **named)
        if connection.autocommit and connection.info.transaction_status == TransactionStatus.IDLE:
            with _told("commit", connection=connection):
                return original(self, query, *arguments, **named)
        _written.setdefault(connection, set()).update(_origin("commit")[1])
        return original(self, query, *arguments, **named)

    return through


@contextlib.contextmanager
def _told(door: str, *, connection: Any = None, besides: set[Site] | None = None) -> Iterator[None]:
    name, sites = _origin(door)
    passing = Passing(door, name, "before", frozenset(sites | (besides or set())), connection)
    _tell(passing)
    yield
    _tell(Passing(door, name, "after", passing.sites, connection))


def _tell(passing: Passing) -> None:
    for listener in tuple(_listeners):
        listener(passing)


def _origin(door: str) -> tuple[str, set[Site]]:
    """Return the name of what passes and the sites on the stack that the door can see."""
    found: list[Site] = []
    nearest = ""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None:
        site = _site_at(frame, _SEEN_BY[door])
        if site is not None:
            found.append(site)
        if not nearest and not _MACHINERY.search(frame.f_code.co_filename):
            nearest = _named(frame)
        frame = frame.f_back
    return (found[0].name if found else f"{door} {nearest}"), set(found)


def _site_at(frame: FrameType, kinds: tuple[str, ...]) -> Site | None:
    path = frame.f_code.co_filename
    if path.endswith("contextlib.py") and frame.f_code.co_name == "inner" and "commit" in kinds:
        return _decorated(frame.f_locals.get("func"))
    if not path.startswith(_ROOT):
        return None
    line = frame.f_lineno
    at_line = (
        site
        for site in sites_by_path().get(path.removeprefix(_ROOT), ())
        if site.kind in kinds and site.first_line <= line <= site.last_line
    )
    return min(at_line, key=lambda site: (site.last_line - site.first_line, _distance(site, frame)), default=None)


def _distance(site: Site, frame: FrameType) -> int:
    """How far the call that the frame is in ends from the site: one line may hold two."""
    *_, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    return abs(site.last_column - (end or 0))


def _decorated(function: Any) -> Site | None:
    """A decorator's transaction commits after the function has left the stack."""
    if function is None:
        return None
    path = f"{function.__module__.replace('.', '/')}.py"
    return next(
        (
            site
            for site in sites_by_path().get(path, ())
            if site.kind == "commit" and site.function == function.__qualname__
        ),
        None,
    )


def _named(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_qualname}"
