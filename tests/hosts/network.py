"""Machines of a test: network namespaces joined by a bridge, each behind a cable of its own that can be cut."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Each run has a bridge and a subnet of its own, so that two may be under way.
_RUN = os.getpid() % 250
SUBNET = f"10.213.{_RUN}"
COMMON_GROUND = f"{SUBNET}.1"
"""Where what the hosts share listens: the test's own PostgreSQL and S3 server."""


class NotPermitted(Exception):
    """This machine lets the test make no network namespaces."""


@dataclass(frozen=True)
class Cable:
    """The link of one namespace to the bridge."""

    namespace: str
    address: str
    _end: str
    _bridge: str

    def cut(self) -> None:
        """Let every packet vanish, in both directions; neither side is told."""
        _ip("link", "set", self._end, "nomaster")

    def mend(self) -> None:
        """Let packets pass again."""
        _ip("link", "set", self._end, "master", self._bridge)


@contextlib.contextmanager
def network(names: Sequence[str]) -> Iterator[dict[str, Cable]]:
    """Lay a cable for each name and take everything away again. Raises NotPermitted."""
    if shutil.which("ip") is None:
        raise NotPermitted("There is no ip command (package iproute2).")
    bridge = f"ccbr{_RUN}"
    cables = {
        name: Cable(f"cc{_RUN}-{name}", f"{SUBNET}.{number}", f"cc{_RUN}v{number}", bridge)
        for number, name in enumerate(names, 10)
    }
    try:
        _lay(bridge, cables.values())
        yield cables
    finally:
        for cable in cables.values():
            subprocess.run(["ip", "netns", "del", cable.namespace], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", bridge], check=False, capture_output=True)


def _lay(bridge: str, cables: Iterator[Cable]) -> None:
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{COMMON_GROUND}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for cable in cables:
            _ip("netns", "add", cable.namespace)
            _ip("link", "add", cable._end, "type", "veth", "peer", "name", "eth0", "netns", cable.namespace)
            _ip("link", "set", cable._end, "master", bridge, "up")
            _ip("-n", cable.namespace, "addr", "add", f"{cable.address}/24", "dev", "eth0")
            _ip("-n", cable.namespace, "link", "set", "eth0", "up")
            _ip("-n", cable.namespace, "link", "set", "lo", "up")
    except subprocess.CalledProcessError as error:
        raise NotPermitted(error.stderr.decode().strip()) from error


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
