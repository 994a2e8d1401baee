"""Loaded before the settings: one embedded PostgreSQL for the whole run and a folder for every file that it writes."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from canvascast.embedded.postgres import embedded_database
from canvascast.env import ROOT

_stack = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["CANVASCAST_VAR"] = _stack.enter_context(tempfile.TemporaryDirectory(prefix="canvascast-tests-"))
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = _stack.enter_context(embedded_database(ROOT / "var" / "test-postgres"))
    yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-matrix", action="store_true", help="write tests/access/matrix.csv from what is answered")
    parser.addoption("--goals", type=Path, help="append a JSON line for each scenario and goal to this file")


def pytest_unconfigure() -> None:
    _stack.close()
