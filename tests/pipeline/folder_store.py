"""A blob store in one folder and a context around it, for tests of steps without the database."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.pipeline.contracts import Blob
from apps.pipeline.steps.base import JobFacts

JOB = JobFacts("job-1", "project-1", "2026-01-02T03:04:05+00:00")


@dataclass
class FolderStore:
    folder: Path
    puts: list[Blob] = field(default_factory=list)

    def put(self, path: Path, suffix: str) -> Blob:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        blob = Blob(sha256, path.stat().st_size, suffix)
        shutil.copyfile(path, self.fetch(blob))
        self.puts.append(blob)
        return blob

    def put_bytes(self, content: bytes, suffix: str) -> Blob:
        blob = Blob(hashlib.sha256(content).hexdigest(), len(content), suffix)
        self.fetch(blob).write_bytes(content)
        self.puts.append(blob)
        return blob

    def fetch(self, blob: Blob) -> Path:
        return self.folder / f"{blob.sha256}{blob.suffix}"


@dataclass
class FolderContext:
    store: FolderStore
    scratch: Path
    job: JobFacts = JOB
    provider: Any = None
    shares: list[float] = field(default_factory=list)

    def progress(self, share: float, message: str = "") -> None:
        self.shares.append(share)

    def recall(self, unit: str, request: object, kind: type) -> None:
        return None

    def keep(self, unit: str, request: object, result: object) -> None:
        return None


def folder_context(root: Path) -> FolderContext:
    for name in ("store", "scratch"):
        (root / name).mkdir(parents=True)
    return FolderContext(FolderStore(root / "store"), root / "scratch")
