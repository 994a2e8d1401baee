"""The whole visit, act by act."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import requests

from canvascast.operations.smoke.program import Program
from canvascast.operations.smoke.site import Site, SmokeFailed
from canvascast.operations.smoke.stranger import NotTriedHere, Stranger


@dataclass(frozen=True)
class Passed:
    """One thing that works, and how long it took."""

    name: str
    seconds: float


@dataclass(frozen=True)
class NotTried:
    """One thing that was left out, and why it cannot be tried from here."""

    name: str
    reason: str


def smoke(
    *, site: str, api_key: str, patience_seconds: float, ready_seconds: float, say: Callable[[str], None]
) -> Iterator[Passed | NotTried]:
    """Visit the site as a stranger who signs up, then as a program that orders a film. Raises SmokeFailed.

    `ready_seconds` is the longest that the site may take to be ready, `patience_seconds` the film. Whatever was made
    there is taken away, also when something fails; for that it needs the site's own database.
    """
    visited = Site(site)
    stranger = Stranger(visited)
    program = Program(visited, api_key=api_key, patience_seconds=patience_seconds)
    acts: tuple[tuple[str, Callable[[], None]], ...] = (
        ("the site is ready", partial(visited.wait_until_ready, seconds=ready_seconds, say=say)),
        ("the home page has its looks and its form", stranger.look_at_home),
        ("an idea is kept without an account", stranger.leave_text),
        ("the page to sign up shows it", stranger.see_text_beside_sign_up),
        ("a mailed code makes an account that has it", stranger.sign_up),
        ("an order is taken once", program.order),
        ("the film gets ready", program.wait),
        ("the film plays and is what its manifest says", program.download),
        ("a player may seek in it", program.seek),
        ("credits were charged as promised", program.look_at_credits),
        ("a deleted video is gone", program.delete),
    )
    try:
        for name, act in acts:
            yield _played(name, act)
    finally:
        program.tidy()
        stranger.tidy()


def _played(name: str, act: Callable[[], None]) -> Passed | NotTried:
    began = time.monotonic()
    try:
        act()
    except NotTriedHere as reason:
        return NotTried(name, str(reason))
    except (requests.RequestException, KeyError, ValueError) as error:
        raise SmokeFailed(f"{name}: {type(error).__name__}") from error
    except SmokeFailed as error:
        raise SmokeFailed(f"{name}: {error}") from error
    return Passed(name, round(time.monotonic() - began, 2))
