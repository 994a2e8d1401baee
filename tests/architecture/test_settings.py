"""Every variable is documented where people look for it."""

from __future__ import annotations

import re

from canvascast.env import ROOT, VARIABLES


def test_example_file_lists_exactly_the_variables_that_are_read():
    listed = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(VARIABLES)


def test_readme_table_lists_exactly_the_variables_that_are_read():
    settings = (ROOT / "README.md").read_text().split("## Settings")[1]
    listed = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", settings, re.MULTILINE)

    assert sorted(listed) == sorted(VARIABLES)


def test_environment_is_read_in_one_place_only():
    readers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("apps", "canvascast")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.(environ\.get|environ\[[^\]]+\](?! =)|getenv)", path.read_text())
    ]

    assert readers == ["canvascast/embedded/postgres.py"]
