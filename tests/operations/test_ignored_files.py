"""Files of secrets get into no commit and no image, whatever compose.yaml calls them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from canvascast.env import ROOT
from tests.operations.dockerignore import is_left_out, patterns


def files_of_settings() -> set[str]:
    """Return the files that Compose reads, and the one that it reads by itself."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()
    named = {service["env_file"] for service in services if "env_file" in service}
    assert named == {"canvascast.env"}
    return named | {".env"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with nothing but our list of what is no part of it."""
    (tmp_path / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    git(tmp_path, "init", "--quiet")
    return tmp_path


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Ask git, whose own settings on this machine do not count."""
    alone = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *arguments], cwd=folder, env=alone, capture_output=True, text=True, check=False)


def test_git_ignores_files_of_settings_wherever_they_lie_and_keeps_the_example(checkout: Path):
    names = [*files_of_settings(), "ops/staging.env", ".env.example", "canvascast/env.py"]

    ignored = git(checkout, "check-ignore", "--no-index", *names).stdout.split()

    assert sorted(ignored) == [".env", "canvascast.env", "ops/staging.env"]


def test_image_has_no_file_of_settings():
    names = [*files_of_settings(), "ops/staging.env", ".env.example", "canvascast/env.py"]

    assert sorted(name for name in names if is_left_out(name, patterns())) == [
        ".env",
        "canvascast.env",
        "ops/staging.env",
    ]


@pytest.mark.parametrize(
    ("name", "among", "left_out"),
    [
        (".env", ["*.env"], True),
        ("ops/a.env", ["*.env"], False),
        ("ops/a.env", ["**/*.env"], True),
        ("a.env", ["**/*.env"], True),
        ("a.env.example", ["**/*.env"], False),
        ("var/deep/film.mp4", ["var"], True),
        ("variety", ["var"], False),
        (".git/HEAD", [".git", "!.git/HEAD"], False),
        (".git/config", [".git", "!.git/HEAD"], True),
        (".git/HEAD", ["!.git/HEAD", ".git"], True),
        ("a1", ["a[0-9]"], True),
        ("a/b", ["a?b"], False),
    ],
)
def test_patterns_are_read_as_docker_reads_them(name: str, among: list[str], left_out: bool):
    assert is_left_out(name, among) == left_out
