"""R14: a worker is killed, or a vendor fails, after item k of n; what was finished is not bought again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.chaos.records import Scenarios
from tests.flows.vendors import Vendors, open_vendors
from tests.wire.elevenlabs import SPEECH_PATH
from tests.wire.gemini_pictures import PATH as PICTURE_PATH
from tests.wire.server import RESET, Call, Fault, WireServer, status
from tests.workers import wait_until
from tests.workplace import Workplace, opened_workplace

pytestmark = [pytest.mark.goal("R14"), pytest.mark.slow, pytest.mark.timeout(600)]
SEED = 14
SCRIPT = "\n\n".join(
    [
        "The first scene opens on a quiet harbour at dawn, long before the boats go out.",
        "Then the sun climbs over the hills and the whole town slowly wakes up.",
        "At noon the market fills with colour, with voices, and with the smell of bread.",
        "In the afternoon the streets are empty, and even the dogs look for some shade.",
        "When evening comes, the lamps are lit one by one along the narrow streets.",
        "At last the boats come home, and the harbour is as quiet as it was at dawn.",
    ]
)
PROMPT = ("Why do cats purr?", "--minutes", "0.5")
TEXT = ("--script", "script.txt")


@dataclass(frozen=True)
class Item:
    """Something that is bought piece by piece: where, with which vendors, and after which pieces harm may come."""

    step: str
    path: str
    order: tuple[str, ...]
    vendors: dict[str, str]
    server: Callable[[Vendors], WireServer]
    pieces: int


PLAIN = {"MODERATOR": "word-list", "WRITER": "sample", "SPEAKERS": "espeak", "PAINTER": "illustrator"}
ITEMS = {
    # Three narrations of the wrong length and what the scenes show.
    "script": Item("script", "/v1/chat/completions", PROMPT, {"WRITER": "openai"}, lambda all: all.openai, 4),
    "voice": Item("voice", SPEECH_PATH, TEXT, {"SPEAKERS": "elevenlabs"}, lambda all: all.elevenlabs, 6),
    "picture": Item("images", PICTURE_PATH, TEXT, {"PAINTER": "gemini"}, lambda all: all.gemini, 6),
}


class Turnstile:
    """Lets so many calls through and holds the others until the next round, as a vendor that takes its time."""

    def __init__(self, calls: int) -> None:
        self._left = calls
        self._round = 0
        self._changed = threading.Condition()
        self.held: list[bytes] = []

    def __call__(self, call: Call) -> Fault | None:
        with self._changed:
            if self._left:
                self._left -= 1
                return None
            mine = self._round
            self.held.append(call.body)
            self._changed.wait_for(lambda: self._round != mine, timeout=120)
        return None

    def next_round(self, calls: int) -> None:
        """Answer those that are held, and so many more."""
        with self._changed:
            self._left, self.held = calls, []
            self._round += 1
            self._changed.notify_all()


class Stumbles:
    """Lets the calls of these numbers meet a fault, from 1."""

    def __init__(self, fault: Fault, *numbers: int) -> None:
        self._fault, self._numbers = fault, numbers
        self._lock = threading.Lock()
        self._seen = 0
        self.met: list[bytes] = []

    def __call__(self, call: Call) -> Fault | None:
        with self._lock:
            self._seen += 1
            if self._seen not in self._numbers:
                return None
            self.met.append(call.body)
        return self._fault


@dataclass(frozen=True)
class Making:
    """A video that is being made in a place of its own."""

    place: Workplace
    item: Item
    server: WireServer
    command: subprocess.Popen[str]

    def stored(self) -> int:
        sql = "SELECT count(DISTINCT key) FROM artifacts WHERE step = %s AND unit <> ''"
        return int(self.place.query(sql, self.item.step)[0][0])

    def is_bought(self) -> bool:
        sql = "SELECT count(*) FILTER (WHERE state = 'DONE'), count(*) FROM job_steps WHERE step = %s"
        done, rows = self.place.query(sql, self.item.step)[0]
        return bool(rows) and done == rows and self.stored() >= self.item.pieces

    def paid(self) -> list[bytes]:
        paths = ((call, call.path.split("?")[0]) for call in self.server.paid)
        return [call.body for call, path in paths if re.fullmatch(self.item.path, path)]

    def buyers(self) -> list[psutil.Process]:
        """Return the processes that work on the item at the moment."""
        sql = "SELECT a.worker FROM job_step_attempts a JOIN job_steps s ON s.id = a.job_step_id"
        rows = self.place.query(f"{sql} WHERE s.step = %s AND a.outcome = '' AND s.state = 'RUNNING'", self.item.step)
        pids = {int(worker.rpartition("/")[2]) for (worker,) in rows}
        return [process for process in self._below() if process.pid in pids]

    def stop(self) -> None:
        """End the command as Ctrl-C does; the video is canceled and what was bought is kept."""
        self.command.send_signal(signal.SIGINT)
        try:
            self.command.wait(60)
        except subprocess.TimeoutExpired:
            self.command.kill()
            self.command.wait()

    def _below(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.command.pid).children(recursive=True)
        return []


@contextlib.contextmanager
def making(folder: Path, item: Item, vendors: Vendors) -> Iterator[Making]:
    """Make a video whose item is bought from a vendor and all else on this machine, until the block ends."""
    with opened_workplace(folder) as bare:
        place = vendors.at(bare, **{**PLAIN, **item.vendors})
        (place.folder / "script.txt").write_text(SCRIPT)
        with (folder / "output").open("w") as output:
            command = place.start(
                "make_video", *item.order, "--shape", "1:1", "--out", "film.mp4", output=output.fileno()
            )
        made = Making(place, item, item.server(vendors), command)
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with open_vendors() as opened:
        # Never the length that is asked for and never the same, so that three narrations are bought.
        opened.openai.words.stretch = [3.0, 2.7, 2.4, 2.1, 1.8, 1.5]
        yield opened


def chosen_pieces(item: Item, seed: int) -> tuple[int, int]:
    """Return after which two pieces harm comes; a third death of one row would end the video, as it should."""
    first, second = sorted(Random(f"{seed} {item.step}").sample(range(1, item.pieces), 2))
    return first, second


@pytest.mark.parametrize("name", ITEMS)
def test_killed_worker_buys_again_only_what_was_open(tmp_path: Path, vendors: Vendors, scenario: Scenarios, name: str):
    item, open_calls = ITEMS[name], list[bytes]()
    pieces = chosen_pieces(item, SEED)
    turnstile = Turnstile(pieces[0])
    item.server(vendors).guard(item.path, turnstile)

    with (
        making(tmp_path, item, vendors) as made,
        scenario("R14", f"kills in {name}", size="full", seed=SEED, broken=partial(broken, made)) as scene,
    ):
        for piece, more in zip(pieces, (pieces[1] - pieces[0], 1_000), strict=True):
            wait_until(partial(holds_at, made, turnstile, piece), seconds=90, what=f"piece {piece} and an open call")
            kill_buyer(made)
            open_calls += turnstile.held
            turnstile.next_round(more)
        wait_until(made.is_bought, seconds=120, what="the last piece")
        scene.note(kills=len(pieces), after=" and ".join(map(str, pieces)), **bought(made, open_calls))
        hold(made, open_calls)


@pytest.mark.parametrize("fault", [status(500), RESET], ids=["refused", "lost"])
@pytest.mark.parametrize("name", ITEMS)
def test_failing_vendor_is_paid_again_only_for_what_was_open(
    tmp_path: Path, vendors: Vendors, scenario: Scenarios, name: str, fault: Fault
):
    item = ITEMS[name]
    pieces = chosen_pieces(item, SEED + 1)
    # The first fault is a call of its own.
    stumbles = Stumbles(fault, pieces[0] + 1, pieces[1] + 2)
    item.server(vendors).guard(item.path, stumbles)
    kind = "lost answers" if fault is RESET else "refusals"

    with (
        making(tmp_path, item, vendors) as made,
        scenario("R14", f"{kind} in {name}", size="full", seed=SEED + 1, broken=partial(broken, made)) as scene,
    ):
        wait_until(made.is_bought, seconds=120, what="the last piece")
        # A refused call has bought nothing.
        open_calls = stumbles.met if fault is RESET else []
        scene.note(faults=len(stumbles.met), after=" and ".join(map(str, pieces)), **bought(made, open_calls))
        assert len(stumbles.met) == len(pieces)
        hold(made, open_calls)


def holds_at(made: Making, turnstile: Turnstile, piece: int) -> bool:
    return made.stored() == piece and bool(turnstile.held)


def kill_buyer(made: Making) -> None:
    """Kill -9 one process with an open call, and wait for the end of the others, which its service sees to."""
    buyers = made.buyers()
    os.kill(buyers[0].pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(buyers, timeout=30)
    assert alive == []


def bought(made: Making, open_calls: Sequence[bytes]) -> dict[str, int]:
    paid, still_open = Counter(made.paid()), Counter(open_calls)
    again = sum(max(0, times - 1 - still_open[body]) for body, times in paid.items())
    figures = {"items": len(paid), "paid": paid.total(), "open": still_open.total()}
    return {**figures, "bought_twice": paid.total() - len(paid), "finished_bought_again": again}


def hold(made: Making, open_calls: Sequence[bytes]) -> None:
    figures = bought(made, open_calls)
    assert figures["items"] == made.item.pieces
    assert figures["finished_bought_again"] == 0
    assert figures["bought_twice"] <= figures["open"]


def broken(made: Making) -> list[str]:
    """Return what the product's own command finds wrong, once the command has ended."""
    made.stop()
    done = made.place.run("reconcile", "--deep")
    return [] if done.returncode == 0 else [done.stdout + done.stderr[-2000:]]
