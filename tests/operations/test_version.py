"""Which version runs is known where git is not asked: in an image, and in another user's checkout."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from canvascast import version
from canvascast.env import ROOT
from canvascast.settings import watching
from tests.operations.dockerignore import is_left_out, patterns
from tests.operations.test_deployment import instructions

SOMEBODY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


def git(folder: Path, *arguments: str) -> str:
    alone = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *SOMEBODY, *arguments]
    return subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "first")
    git(folder, "tag", "v1.0.0")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "second")
    return folder


def at_a_branch(checkout: Path) -> Path:
    return checkout


def at_a_packed_branch(checkout: Path) -> Path:
    git(checkout, "pack-refs", "--all")
    return checkout


def at_a_tag(checkout: Path) -> Path:
    git(checkout, "checkout", "--quiet", "v1.0.0")
    return checkout


def in_a_second_work_tree(checkout: Path) -> Path:
    git(checkout, "worktree", "add", "--quiet", "-b", "other", "../beside", "v1.0.0")
    return checkout.parent / "beside"


@pytest.mark.parametrize("put", [at_a_branch, at_a_packed_branch, at_a_tag, in_a_second_work_tree])
def test_checkout_tells_its_commit_without_git(checkout: Path, put, monkeypatch):
    folder = put(checkout)
    expected = git(folder, "rev-parse", "HEAD")
    monkeypatch.setenv("PATH", "")

    assert version.commit(folder) == expected


def test_what_an_image_notes_comes_first(checkout: Path):
    noted = "0123456789" * 4
    (checkout / "COMMIT").write_text(f"{noted}\n")

    assert version.commit(checkout) == noted


@pytest.mark.parametrize("noted", ["", "\n", "main\n"])
def test_folder_that_tells_nothing_has_no_version(tmp_path: Path, noted: str):
    (tmp_path / "COMMIT").write_text(noted)

    assert version.commit(tmp_path) == ""


def test_image_is_told_its_commit_and_nothing_else_of_the_history(checkout: Path):
    """The build asks what the image brings along, and takes it away."""
    at_a_packed_branch(checkout)
    files = [path.relative_to(checkout).as_posix() for path in checkout.rglob("*") if path.is_file()]
    brought = {name for name in files if not is_left_out(name, patterns())}
    (build,) = (rest for word, rest in instructions() if word == "RUN" and "> COMMIT" in rest)

    assert brought == {".git/HEAD", ".git/packed-refs"}
    assert not is_left_out(".git/refs/heads/main", patterns())
    assert "-m canvascast.version" in build
    assert "&& rm -rf .git &&" in " ".join(build.split())


def test_command_of_the_build_tells_this_program():
    told = subprocess.run(
        [sys.executable, "-m", "canvascast.version"], cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True
    )

    assert (told.returncode, told.stdout.strip()) == (0, version.commit())


@pytest.mark.parametrize(("given", "release"), [("", "abc"), ("1.2.3", "1.2.3")])
def test_error_tracker_is_told_the_commit_where_no_release_is_named(monkeypatch, given: str, release: str):
    with monkeypatch.context() as patch:
        patch.setitem(os.environ, "SENTRY_RELEASE", given)
        patch.setattr(version, "commit", lambda: "abc")

        told = importlib.reload(watching).SENTRY_RELEASE
    importlib.reload(watching)

    assert told == release
