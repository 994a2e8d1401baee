"""`python -m bench.chunks`: what making a film in chunks costs beside making it in one piece, on one machine.

Both film the same scenes one after the other; in chunks there is a process for each. They take turns, and what is
printed, as one JSON object, is the median of the ratios of each pair.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from apps.pipeline.contracts import Blob
from apps.pipeline.render.encoder import FAST
from apps.pipeline.steps.base import JobFacts
from apps.pipeline.steps.render import chunked
from apps.pipeline.steps.render_segments import Projector, SceneRequest, scene_requests
from bench.item import WorkItem, make_item


@dataclass(frozen=True)
class Cost:
    wall_seconds: float
    cpu_seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--chunk-seconds", type=float, default=120.0)
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        item = make_item(Path(name), int(options.minutes * 60))
        scenes = scene_requests(item.timeline, FAST)
        chunks = chunked(scenes, options.chunk_seconds * item.timeline.fps)
        pairs = [(_filmed([scenes], item), _filmed(chunks, item)) for _ in range(options.pairs)]
    figures: dict[str, float] = {"minutes": options.minutes, "chunks": len(chunks), "pairs": len(pairs)}
    for figure in ("wall_seconds", "cpu_seconds"):
        ratios = [getattr(shared, figure) / getattr(whole, figure) for whole, shared in pairs]
        figures |= {f"{figure}_ratio": round(median(ratios), 4), f"{figure}_least": round(min(ratios), 4)}
        figures |= {f"{figure}_most": round(max(ratios), 4)}
        figures[f"{figure}_in_one"] = round(median(getattr(whole, figure) for whole, _ in pairs), 1)
    print(json.dumps(figures))
    return 0


def _filmed(chunks: Sequence[Sequence[SceneRequest]], item: WorkItem) -> Cost:
    began, before = time.perf_counter(), _cpu_seconds()
    with tempfile.TemporaryDirectory() as name:
        for number, scenes in enumerate(chunks):
            scratch = Path(name) / str(number)
            scratch.mkdir()
            Projector("auto", "").film(scenes, _Context(_Store(item.folder), scratch))
    return Cost(time.perf_counter() - began, _cpu_seconds() - before)


def _cpu_seconds() -> float:
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@dataclass(frozen=True)
class _Store:
    """The item's files, and a copy of each segment, as the product's store makes one."""

    folder: Path

    def put(self, path: Path, suffix: str) -> Blob:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        blob = Blob(sha256, path.stat().st_size, suffix)
        shutil.copyfile(path, self.fetch(blob))
        return blob

    def put_bytes(self, content: bytes, suffix: str) -> Blob:
        raise NotImplementedError("filming stores files only")

    def fetch(self, blob: Blob) -> Path:
        return self.folder / f"{blob.sha256}{blob.suffix}"


@dataclass
class _Context:
    """Recalls nothing, so that all is made."""

    store: _Store
    scratch: Path
    job: JobFacts = field(default_factory=lambda: JobFacts("", "", ""))
    provider: Any = None  # Any: as in Context
    moderator: Any = None  # Any: as in Context

    def progress(self, share: float, message: str = "") -> None:
        return

    def recall(self, unit: str, request: object, kind: type) -> None:
        return None

    def keep(self, unit: str, request: object, result: object) -> None:
        return


if __name__ == "__main__":
    sys.exit(main())
