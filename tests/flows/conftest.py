"""One small video, made once for the module by the real command, with a real worker, in a database of its own."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workplace import Workplace, opened_workplace

TRANSCRIPT = """A lighthouse stands on the cliff. In 1998, it cost $3.5 million to repair!

Sailors trust its light, even in the worst storms. Dr. Hall says it will outlive us all."""


@dataclass(frozen=True)
class MadeVideo:
    """What the command printed, and the unpacked package."""

    facts: dict
    package: Path

    def file(self, name: str) -> Path:
        return self.package / name

    def json(self, name: str) -> dict:
        return json.loads(self.file(name).read_text())


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with opened_workplace(tmp_path_factory.mktemp("flow")) as place:
        yield place


@pytest.fixture(scope="module")
def video(workplace: Workplace) -> MadeVideo:
    (workplace.folder / "script.txt").write_text(TRANSCRIPT)
    return make(workplace, "--script", "script.txt", "--shape", "1:1", "--music", "ambient", "--out", "made.mp4")


def make(workplace: Workplace, *arguments: str) -> MadeVideo:
    result = workplace.run("make_video", *arguments, "--json")
    assert result.returncode == 0, result.stderr[-3000:]
    return unpack(workplace, json.loads(result.stdout))


def unpack(workplace: Workplace, facts: dict) -> MadeVideo:
    folder = workplace.folder / f"package-{facts['job_id'][:8]}"
    with zipfile.ZipFile(workplace.folder / facts["package"]) as archive:
        archive.extractall(folder)
    return MadeVideo(facts, folder)
