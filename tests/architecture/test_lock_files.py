"""What gets installed is locked, and a lock that tells something else than was asked for is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from canvascast.advisories import ALL_WELL, UNKNOWN, WEAK, Audit
from canvascast.lock_files import ROOT, differences


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for path in ROOT.glob("requirements*.*"):
        shutil.copy(path, tmp_path)
    return tmp_path


def _exchange(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_locks_hold_what_is_asked_for():
    assert differences() == []


def test_another_version_asked_for_is_found(copied: Path):
    _exchange(copied / "requirements-tools.in", "uv==", "uv==9")

    assert len(differences(copied)) == 1
    assert differences(copied)[0].startswith("requirements-tools.txt: requirements-tools.in asks for uv==9")


def test_package_asked_for_and_not_locked_is_found(copied: Path):
    (copied / "requirements-bench.in").open("a").write("left-pad==1.0\n")

    assert differences(copied) == [
        "requirements-bench.txt: requirements-bench.in asks for left-pad==1.0, locked is nothing"
    ]


def test_locked_package_that_nobody_asks_for_any_more_is_found(copied: Path):
    _exchange(copied / "requirements-bench.in", "proglog==", "# proglog==")

    assert differences(copied) == ["requirements-bench.txt: requirements-bench.in no longer asks for proglog"]


def test_package_without_hashes_is_found(copied: Path):
    lock = copied / "requirements-build.txt"
    lock.write_text("".join(line for line in lock.read_text().splitlines(keepends=True) if "--hash" not in line))

    assert differences(copied) == ["requirements-build.txt: setuptools is not pinned by a version and hashes"]


def test_two_versions_of_one_package_in_one_environment_are_found(copied: Path):
    _exchange(copied / "requirements-whisper.txt", "regex==", "regex==1")

    assert any(line.startswith("requirements-whisper.txt: regex is 1") for line in differences(copied))


@pytest.mark.parametrize(
    ("packages", "exit_code", "last"),
    [
        ([{"name": "one", "version": "1", "vulns": []}], ALL_WELL, "1 packages looked up, 0 with known weaknesses"),
        ([], UNKNOWN, "0 packages looked up, 0 with known weaknesses"),
        (
            [{"name": "one", "version": "1", "vulns": []}, {"name": "two", "skip_reason": "Dependency not found"}],
            UNKNOWN,
            "1 packages looked up, 0 with known weaknesses",
        ),
        (
            [{"name": "one", "version": "1", "vulns": [{"id": "A-1", "aliases": ["CVE-1"], "fix_versions": ["2"]}]}],
            WEAK,
            "1 packages looked up, 1 with known weaknesses",
        ),
    ],
)
def test_audit_says_all_is_well_only_of_packages_that_were_looked_up(packages, exit_code, last):
    audit = Audit()
    audit.add({"dependencies": packages})

    assert (audit.exit_code, audit.lines()[-1]) == (exit_code, f"audit: {last}")


def test_package_that_could_not_be_looked_up_is_called_so():
    audit = Audit()
    audit.add({"dependencies": [{"name": "two", "skip_reason": "Dependency not found"}]})

    assert audit.lines()[:2] == [
        "audit: nothing could be learnt of 1 packages: two.",
        "audit: NOT DONE. The source of advisories did not answer for them; ask where it is reachable.",
    ]
