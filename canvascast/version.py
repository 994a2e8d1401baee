"""Which commit of the program this is: read from files, for git refuses to read the checkout of another user.

An image has no checkout; its build notes the commit in a file: `python -m canvascast.version > COMMIT`.
"""

from __future__ import annotations

import re
from pathlib import Path

from canvascast.env import ROOT

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def commit(root: Path = ROOT) -> str:
    """Return the commit of the program in `root`; empty where nothing tells it."""
    noted = _first_line(root / "COMMIT") or _of_checkout(root / ".git")
    return noted if _COMMIT.fullmatch(noted) else ""


def _of_checkout(git: Path) -> str:
    """Read what git itself reads, by git's own description (gitrepository-layout)."""
    if git.is_file():
        git = git.parent / _first_line(git).removeprefix("gitdir: ")
    head = _first_line(git / "HEAD")
    if not head.startswith("ref: "):
        return head
    branch, common = head.removeprefix("ref: "), git / _first_line(git / "commondir")
    return _first_line(common / branch) or _packed(common / "packed-refs", branch)


def _packed(file: Path, branch: str) -> str:
    lines = file.read_text().splitlines() if file.is_file() else []
    return next((line.partition(" ")[0] for line in lines if line.endswith(f" {branch}")), "")


def _first_line(file: Path) -> str:
    try:
        return file.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        return ""


if __name__ == "__main__":
    print(commit())  # noqa: T201 - a command's output
