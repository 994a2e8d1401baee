from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from canvascast.logs import logging_settings


class Lines:
    """What was logged, as production writes it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def event(self, name: str) -> dict[str, Any]:
        (found,) = [event for event in self.events() if event["event"] == name]
        return found


@pytest.fixture
def log_lines() -> Iterator[Lines]:
    lines = Lines()
    formatter = logging_settings("INFO", pretty=False)["formatters"]["structured"]
    stream = logging.StreamHandler(lines.stream)
    stream.setFormatter(formatter.pop("()")(**formatter))
    root = logging.getLogger()
    level = root.level
    root.addHandler(stream)
    # Commands that ran in this process before may have quietened it.
    root.setLevel(logging.INFO)
    yield lines
    root.setLevel(level)
    root.removeHandler(stream)
