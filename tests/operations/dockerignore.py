"""Which files `.dockerignore` keeps from the image, by Docker's own rules (github.com/moby/patternmatcher)."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from canvascast.env import ROOT

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|\[[^]]*\]|.")
_MEANINGS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def patterns() -> list[str]:
    """Return the patterns of the file, in their order."""
    lines = map(str.strip, (ROOT / ".dockerignore").read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def is_left_out(name: str, among: list[str]) -> bool:
    """Tell it of a path from the root: the last pattern that matches it, or a folder that it is in, decides."""
    paths = [name, *(str(folder) for folder in PurePosixPath(name).parents)][:-1]
    left_out = False
    for pattern in among:
        expression = _expression(pattern.removeprefix("!").strip("/"))
        if any(expression.fullmatch(path) for path in paths):
            left_out = not pattern.startswith("!")
    return left_out


def _expression(pattern: str) -> re.Pattern[str]:
    parts = _PARTS.findall(pattern)
    return re.compile("".join(_MEANINGS.get(part) or (part if part[0] == "[" else re.escape(part)) for part in parts))
