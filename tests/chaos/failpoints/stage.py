"""Plays flows of the product in child processes, each act its own, with a fault at one failpoint.

Whoever acts in life acts again: the browser or the program asks the same once more, Stripe delivers once more, the
worker's supervisor gives back what the dead one held and its sweep finds the rest. An act is called until it returns.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, connections
from django.test import override_settings
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from apps.pipeline import engine, queues, sweep
from canvascast import hint_queue
from canvascast.logs import get_logger
from canvascast.patient_queue import PatientQueue
from tests.chaos.failpoints.hooks import Passing, listening

Memory = dict[str, Any]
"""What an actor remembers between two acts: ids, cookies, keys. It is written down as JSON."""
Act = Callable[[Memory], None]
Strike = Callable[[Passing], None]

log = get_logger("chaos")
SERVICE = "stage"
_MOST_TRIES = 5
_MOST_ROUNDS = 80
# The world's clock goes on: what waits is due, whoever is silent has lost the lease for long, hints may be sent again.
_PAST = "now() - interval '10 seconds'"
_TIME_PASSES = f"""
    UPDATE job_steps SET due_at = {_PAST} WHERE state = 'QUEUED' AND due_at > now();
    UPDATE job_steps SET lease_until = {_PAST} WHERE state = 'RUNNING' AND lease_until > {_PAST};
    UPDATE job_steps SET hinted_at = NULL WHERE state IN ('QUEUED', 'RUNNING');
    UPDATE notifications SET due_at = {_PAST}, hinted_at = NULL WHERE state = 'QUEUED';
    UPDATE notifications SET lease_until = {_PAST}, hinted_at = NULL WHERE state = 'SENDING';
    UPDATE webhook_deliveries SET due_at = {_PAST}, hinted_at = NULL WHERE state = 'QUEUED';
    UPDATE webhook_deliveries SET lease_until = {_PAST}, hinted_at = NULL WHERE state = 'SENDING';
    UPDATE voice_profiles SET due_at = {_PAST}, lease_until = {_PAST}, hinted_at = NULL
        WHERE lease_until IS NOT NULL;
    UPDATE voice_profiles SET due_at = {_PAST}, hinted_at = NULL WHERE lease_until IS NULL;
    UPDATE provider_calls SET started_at = started_at - interval '10 minutes'
        WHERE state = 'intent' AND job_step_id IS NULL;
    UPDATE stripe_events SET due_at = {_PAST}, hinted_at = NULL WHERE state = 'NEW'"""


@dataclass(frozen=True)
class Outside:
    """What the world does between two acts, once, and no fault of ours touches: a customer pays, a day ends."""

    do: Act


@dataclass(frozen=True)
class Flow:
    """A small story of the product, and what must be so at its end whatever struck."""

    name: str
    acts: tuple[Act | Outside, ...]
    check: Callable[[Memory], None]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """`strike` is called when the failpoint is passed for the first time."""

    failpoint: str
    strike: Strike


@dataclass
class Stage:
    """Which failpoints were passed, by act and moment, with the sites they stand for; and which were struck."""

    prepare: Callable[[], None] = lambda: None
    """Called at the beginning of each child's life."""
    seen: dict[str, frozenset[str]] = field(default_factory=dict)
    doors: dict[str, str] = field(default_factory=dict)
    struck: list[str] = field(default_factory=list)

    def rehearse(self, flow: Flow, memory: Memory) -> list[list[str]]:
        """Play `flow` without faults in this process, which loads what it needs; returns what each act passes."""
        with override_settings(**flow.settings):
            return self._rehearse(flow, memory)

    def _rehearse(self, flow: Flow, memory: Memory) -> list[list[str]]:
        passed: list[list[str]] = []
        for act in flow.acts:
            heard: dict[str, Passing] = {}
            if isinstance(act, Outside):
                act.do(memory)
            else:
                with listening(partial(_note, heard)):
                    act(memory)
            passed.append(list(heard))
            self.seen |= {name: frozenset(site.name for site in each.sites) for name, each in heard.items()}
            self.doors |= {name: each.door for name, each in heard.items()}
        flow.check(memory)
        return passed

    def play(self, flow: Flow, memory: Memory, faults: Mapping[int, Fault] | None = None) -> list[list[str]]:
        """Play `flow` to its end; `faults` strike by the number of the act. Returns what each act passed, in order."""
        with override_settings(**flow.settings):
            return self._play(flow, memory, faults or {})

    def _play(self, flow: Flow, memory: Memory, faults: Mapping[int, Fault]) -> list[list[str]]:
        passed: list[list[str]] = []
        for number, act in enumerate(flow.acts):
            if isinstance(act, Outside):
                act.do(memory)
                passed.append([])
                continue
            passed.append(self._perform(act, memory, faults.get(number)))
        flow.check(memory)
        return passed

    def _perform(self, act: Act, memory: Memory, fault: Fault | None) -> list[str]:
        passed: list[str] = []
        for _ in range(_MOST_TRIES):
            child = _Child(act, memory, fault, self.prepare)
            told = child.run()
            passed += told.passed
            self.seen |= told.sites
            self.doors |= told.doors
            if told.struck:
                self.struck.append(told.struck)
                fault = None
            if told.memory is not None:
                memory.update(told.memory)
                return passed
            if not told.struck:
                raise AssertionError(f"{_name(act)} failed by itself: {told.trouble}")
            recover(child.pid)
        raise AssertionError(f"{_name(act)} did not end after {_MOST_TRIES} tries: {told.trouble}")


def _note(heard: dict[str, Passing], passing: Passing) -> None:
    if not _deaf:
        heard.setdefault(passing.failpoint, passing)


def _name(act: Act) -> str:
    return getattr(act, "__name__", repr(act))


@dataclass
class _Told:
    passed: list[str] = field(default_factory=list)
    sites: dict[str, frozenset[str]] = field(default_factory=dict)
    doors: dict[str, str] = field(default_factory=dict)
    memory: Memory | None = None
    trouble: str = ""
    struck: str = ""


class _Child:
    """One try of an act in a process of its own, which tells through a pipe what it passes."""

    def __init__(self, act: Act, memory: Memory, fault: Fault | None, prepare: Callable[[], None]) -> None:
        self._act, self._memory, self._fault, self._prepare = act, memory, fault, prepare
        self._known: set[str] = set()
        self._pipe = -1
        self.pid = 0

    def run(self) -> _Told:
        # A connection that two processes share would be closed under the other's hands.
        connections.close_all()
        gc.freeze()
        reading, self._pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            self._live()
        os.close(self._pipe)
        with os.fdopen(reading) as lines:
            told = _read(lines)
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL, f"the child died of signal {os.WTERMSIG(status)}"
            told.trouble = "killed"
        return told

    def _live(self) -> NoReturn:
        code = 1
        try:
            settings.WORKER_NAME = SERVICE
            # A worker closes its connection after each task, which here would cost more than the tasks.
            connection.settings_dict["CONN_MAX_AGE"] = None
            self._prepare()
            with listening(self._hear):
                self._act(self._memory)
            self._tell(memory=self._memory)
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may leave the child, which is a copy of the test process
            self._tell(trouble=traceback.format_exc()[-6000:])
        finally:
            os._exit(code)

    def _hear(self, passing: Passing) -> None:
        if _deaf:
            return
        if passing.failpoint not in self._known:
            self._known.add(passing.failpoint)
            sites = sorted(site.name for site in passing.sites)
            self._tell(passed=passing.failpoint, sites=sites, door=passing.door)
        if self._fault is not None and passing.failpoint == self._fault.failpoint:
            fault, self._fault = self._fault, None
            self._tell(struck=passing.failpoint)
            fault.strike(passing)

    def _tell(self, **line: Any) -> None:  # Any: JSON
        os.write(self._pipe, f"{json.dumps(line, default=str)}\n".encode())


def _read(lines: Any) -> _Told:  # Any: a text stream
    told = _Told()
    for text in lines:
        line = json.loads(text)
        if passed := line.get("passed"):
            told.passed.append(passed)
            told.sites[passed] = frozenset(line["sites"])
            told.doors[passed] = line["door"]
        told.struck = line.get("struck") or told.struck
        told.memory = line.get("memory", told.memory)
        told.trouble = line.get("trouble") or told.trouble
    return told


_deaf: list[bool] = []


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Hide from the failpoints what the test itself writes in a child."""
    _deaf.append(True)
    try:
        yield
    finally:
        _deaf.pop()


def recover(pid: int) -> None:
    """Do what a supervisor does when one of its workers died, and let time pass."""
    engine.release_service(SERVICE, culprits=[f"{SERVICE}/{pid}"])
    for queue in settings.QUEUES:
        hint_queue.forget_taken(queue)
    pass_time()


def pass_time() -> None:
    with unheard(), connection.cursor() as cursor:
        cursor.execute(_TIME_PASSES)


def work(memory: Memory) -> None:
    """Be the worker service: sweep and take hints until nothing is left to do."""
    _work_in(settings.QUEUES)


def make_films(memory: Memory) -> None:
    """Be the workers of films alone: mails, payments and programs that are told wait."""
    _work_in(queues.film_queues())


def _work_in(names: Collection[str]) -> None:
    for _ in range(_MOST_ROUNDS):
        pass_time()
        for queue in names:
            _sweep(queue)
        if not sum([_work_off(queue) for queue in names]):
            return
    raise AssertionError("the worker did not come to rest")


def _sweep(queue: str) -> None:
    try:
        sweep.beat(f"{SERVICE}-{os.getpid()}", queue)
        sweep.sweep(queue)
    except DatabaseError:
        # As the supervisor does, which sweeps again a second later.
        connection.close()


def _work_off(queue: str) -> int:
    """Take each hint as django-q2 does: lock it, run it, and acknowledge it whatever came of it."""
    broker, number = PatientQueue(list_key=queue), 0
    with unheard():
        waiting = OrmQ.objects.filter(key=queue).exists()
    while waiting:
        for hint_id, payload in broker.dequeue() or ():
            number += 1
            task = SignedPackage.loads(payload)
            with _as_a_task():
                import_string(task["func"])(*task["args"])
            with _as_a_task():
                broker.acknowledge(hint_id)
        with unheard():
            waiting = OrmQ.objects.filter(key=queue, lock__lt=_now()).exists()
    return number


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


@contextlib.contextmanager
def _as_a_task() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - django-q2 writes it down and goes on, whatever it is
        log.warning("task_failed", error_type=type(error).__name__)
    finally:
        close_old_connections()
