"""The lock files: each package that gets installed with its one version and the hashes of all its files.

`python -m canvascast.lock_files` (`make lock`) makes `requirements*.txt` from `requirements*.in`; versions that are
locked already stay, unless uv is told otherwise (`--upgrade-package pillow`). `differences` needs no network.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv-tools" / "bin" / "uv"
OLDEST_PYTHON = "3.11"


@dataclass(frozen=True)
class LockedSet:
    """`requirements<name>.in` and its lock. Versions agree with those of `beside`, which may be in one environment."""

    name: str
    beside: tuple[str, ...] = ()
    with_dependencies: bool = True


SETS = (
    LockedSet("-build"),
    LockedSet("-base"),
    LockedSet("-dev", beside=("-base",)),
    LockedSet("", beside=("-build", "-base", "-dev")),
    LockedSet("-whisper", beside=("",), with_dependencies=False),
    LockedSet("-bench"),
    LockedSet("-tools"),
)


@dataclass(frozen=True)
class Locked:
    """One line of a lock file."""

    requirement: Requirement
    hashes: int
    asked_by: frozenset[str]

    @property
    def name(self) -> NormalizedName:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        return str(self.requirement.specifier).removeprefix("==")


def make_locks(arguments: list[str]) -> None:
    """Make all lock files anew; raises CalledProcessError where uv finds no versions that fit."""
    for one in SETS:
        beside = [part for other in one.beside for part in ("-c", f"requirements{other}.txt")]
        command = [
            *(str(UV), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-strip-extras"),
            *("--python-version", OLDEST_PYTHON, "--custom-compile-command", "make lock"),
            *([] if one.with_dependencies else ["--no-deps"]),
            *(*beside, *arguments, f"requirements{one.name}.in", "-o", f"requirements{one.name}.txt"),
        ]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)  # noqa: S603 - the command above
        lock = ROOT / f"requirements{one.name}.txt"
        lock.write_text("\n".join(_with_bare_names(_blocks(lock))) + "\n")


def differences(root: Path = ROOT) -> list[str]:
    """Return a line for each way in which a lock does not hold what was asked for; none if `make lock` is not due."""
    return [line for one in SETS for line in _differences_of(one, root)]


def locked_in(path: Path) -> list[Locked]:
    """Return the lines of a lock file."""
    return [_locked(block) for block in _blocks(path) if not block.startswith("#")]


def asked_in(path: Path) -> Iterator[tuple[str, Requirement]]:
    """Yield what a loose file and those that it includes ask for, each with the file's name."""
    for line in path.read_text().splitlines():
        if line.startswith("-r "):
            yield from asked_in(path.parent / line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            yield path.name, Requirement(line.split(" #")[0])


def _differences_of(one: LockedSet, root: Path) -> Iterator[str]:
    file = f"requirements{one.name}.txt"
    locked = locked_in(root / file)
    asked = list(asked_in(root / f"requirements{one.name}.in"))
    for line in locked:
        if not line.hashes or not re.fullmatch(r"==[^,*]+", str(line.requirement.specifier)):
            yield f"{file}: {line.name} is not pinned by a version and hashes"
        for source in line.asked_by - {source for source, wish in asked if canonicalize_name(wish.name) == line.name}:
            yield f"{file}: {source} no longer asks for {line.name}"
    for source, wish in asked:
        versions = {line.version for line in locked if line.name == canonicalize_name(wish.name)}
        if not versions or not all(wish.specifier.contains(version, prereleases=True) for version in versions):
            yield f"{file}: {source} asks for {wish}, locked is {', '.join(sorted(versions)) or 'nothing'}"
    for other in one.beside:
        yield from _disagreements(
            file, locked, f"requirements{other}.txt", locked_in(root / f"requirements{other}.txt")
        )


def _disagreements(file: str, locked: list[Locked], other_file: str, other: list[Locked]) -> Iterator[str]:
    for line in locked:
        versions = {there.version for there in other if there.name == line.name}
        if versions and line.version not in versions:
            yield f"{file}: {line.name} is {line.version}, in {other_file} {', '.join(sorted(versions))}"


def _with_bare_names(blocks: list[str]) -> Iterator[str]:
    """Name packages that are wanted with extras without them too.

    pip before 23.3 takes `django[argon2]==5.2.19` as no pin for what asks for `django`, nor the other way round.
    """
    bare = {block.split("==")[0] for block in blocks}
    for block in blocks:
        name, extras, rest = re.match(r"([^\s\[=]*)(\[[^]]*\])?(.*)", block, re.DOTALL).groups()  # type: ignore[union-attr]  # it always matches
        if extras and name not in bare:
            yield re.sub(r" \\\n    # via.*|\n    # via.*", "", name + rest, flags=re.DOTALL)
        yield block


def _blocks(lock: Path) -> list[str]:
    return re.split(r"\n(?=\S)", lock.read_text().rstrip("\n"))


def _locked(block: str) -> Locked:
    first = block.splitlines()[0].removesuffix("\\").strip()
    hashes = re.findall(r"--hash=sha256:[0-9a-f]{64}\b", block)
    return Locked(Requirement(first), len(hashes), frozenset(re.findall(r"-r (\S+)", block)))


if __name__ == "__main__":
    make_locks(sys.argv[1:])
