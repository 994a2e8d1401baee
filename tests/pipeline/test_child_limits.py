"""Every program that touches media is held to limits by the kernel, whoever starts it."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.accounts.avatars import avatar_of
from apps.pipeline.providers.painter.intake import checked_pixels
from apps.pipeline.providers.painter.reference import reference_png
from apps.pipeline.render import loudness, music, narration, samples
from apps.pipeline.render.child_run import render_in_child
from apps.pipeline.render.voice_sample import spoken_sample
from canvascast import children
from canvascast.children import Limits
from canvascast.env import ROOT
from tests.media.recordings import tone
from tests.pipeline.small_film import SmallFilm
from tests.pipeline.test_render_child import nothing, plan_of
from tests.pipeline.test_voice_sample import request
from tests.wire.paint import picture

GIB, MIB = 1024**3, 1024**2
Row = tuple[int, int, int, int, int]
CORES = os.cpu_count() or 1
# Half an hour of it, twice.
MUSIC_BYTES = 2 * (30 * 60 * 48_000 * 4 + 4096)
HOSTILE = pytest.mark.goal("S4")


@pytest.fixture
def started(monkeypatch) -> list[Row]:
    """What the kernel allows each child once its program has begun: memory, bytes a file, files, core, CPU seconds."""
    seen: list[Row] = []

    class Observed(subprocess.Popen):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            assert os.getpgid(self.pid) == self.pid != os.getpgid(0)
            seen.append(limits_of(self.pid))

    shown = types.SimpleNamespace(**{**vars(subprocess), "Popen": Observed})
    monkeypatch.setattr(children, "subprocess", shown)
    return seen


def limits_of(pid: int) -> Row:
    rows = Path(f"/proc/{pid}/limits").read_text()

    def hard(name: str) -> int:
        soft, hard = re.search(rf"^{name} +(\S+) +(\S+)", rows, re.MULTILINE).groups()
        assert soft == hard != "unlimited", name
        return int(hard)

    return (
        hard("Max address space"),
        hard("Max file size"),
        hard("Max open files"),
        hard("Max core file size"),
        hard("Max cpu time"),
    )


def wav(folder: Path) -> Path:
    path = folder / "tone.wav"
    path.write_bytes(tone(2.0, rate=48_000))
    return path


def transcode_sample(folder: Path) -> None:
    samples.transcode_sample(wav(folder), folder / "out.wav")


def transcode_reading(folder: Path) -> None:
    samples.transcode_reading(wav(folder), folder / "out.wav")


def keep_reading(folder: Path) -> None:
    samples.compress(wav(folder), folder / "out.flac")


def cut_reading(folder: Path) -> None:
    samples.compress(wav(folder), folder / "out.flac")
    samples.decompress(folder / "out.flac", folder / "again.wav")


def transcode_music(folder: Path) -> None:
    music.transcode_music(wav(folder), folder / "out.wav")


def level(folder: Path) -> None:
    loudness.level(wav(folder), folder / "out.wav", seconds=2.0)


def encode_mp3(folder: Path) -> None:
    narration.encode_mp3(wav(folder), folder / "out.mp3", seconds=2.0)


def speak_sample(folder: Path) -> None:
    spoken_sample(request())


def read_vendors_picture(folder: Path) -> None:
    checked_pixels(picture(64, 36))


def read_reference(folder: Path) -> None:
    reference_png(picture(64, 36))


def read_avatar(folder: Path) -> None:
    avatar_of(io.BytesIO(picture(64, 36)))


def render(folder: Path) -> None:
    film = SmallFilm(folder)
    render_in_child(plan_of(film, film.timeline([5]), folder), nothing, nothing)


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="the kernel does not tell")
@pytest.mark.parametrize(
    ("start", "memory", "file_bytes", "cpu_seconds"),
    [
        (transcode_sample, 768 * MIB, 2 * (181 * 96_000 + 4096), 5),
        (transcode_reading, 768 * MIB, 2 * (1801 * 96_000 + 4096), 45),
        (keep_reading, 768 * MIB, 2 * (1801 * 96_000 + 4096), 45),
        (cut_reading, 768 * MIB, 2 * (1801 * 96_000 + 4096), 45),
        (transcode_music, 768 * MIB, MUSIC_BYTES, 120),
        (level, 4 * GIB, 16 * GIB, None),
        (encode_mp3, 4 * GIB, 16 * GIB, None),
        (speak_sample, 2 * GIB, 64 * MIB, 8),
        pytest.param(read_vendors_picture, 500_000_000, 0, 5, marks=HOSTILE),
        pytest.param(read_reference, 500_000_000, 0, 5, marks=HOSTILE),
        pytest.param(read_avatar, 500_000_000, 0, 5, marks=HOSTILE),
        (render, 4 * GIB, 16 * GIB, 310),
    ],
)
def test_child_has_every_limit(
    started: list[Row], tmp_path: Path, start: Callable[[Path], None], memory: int, file_bytes: int, cpu_seconds: int
):
    start(tmp_path)

    assert started
    for row in started:
        assert row[:4] == (memory, file_bytes, 1024, 0)
        assert cpu_seconds is None or row[4] == cpu_seconds * CORES + 1


@pytest.mark.slow  # computes for two seconds
def test_child_that_computes_beyond_its_deadline_is_ended_by_the_kernel_though_nobody_waits(monkeypatch):
    monkeypatch.setattr(children.os, "cpu_count", lambda: 1)
    child = children.start_child(["/bin/sh", "-c", "while :; do :; done"], Limits(deadline_seconds=1.0))

    try:
        assert child.wait(60) == -signal.SIGKILL
    finally:
        children.end_child(child)


def test_no_other_module_starts_programs():
    """Whoever adds one puts it through `start_child`, or here with a reason."""
    ours = {
        "canvascast/children.py": "limits all of these",
        "canvascast/advisories.py": "pip-audit, by `make audit`",
        "canvascast/checks.py": "linters, by `make check`",
        "canvascast/lock_files.py": "a resolver, by `make lock`",
        "canvascast/operations/backups/tools.py": "PostgreSQL's own programs",
        "apps/pipeline/render/build_kernel.py": "a C compiler on our own source, by `make kernel`",
        "apps/pipeline/processes.py": "the cluster",
        "apps/pipeline/console/worker.py": "a worker for a command",
    }
    starts = re.compile(r"subprocess\.(run|Popen|call|check_)|os\.(system|popen|exec|spawn|posix_spawn|fork\()")
    modules = [path for folder in ("apps", "canvascast") for path in (ROOT / folder).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in modules if starts.search(path.read_text())}

    # Whoever only names the type starts nothing.
    assert found - {"apps/pipeline/cluster.py", "apps/pipeline/render/child_run.py"} == set(ours)


def test_no_other_module_opens_pictures():
    """Whoever adds one gives it pictures of our own making, or lets `canvascast.pictures` decode them."""
    ours = {
        "canvascast/decoder.py": "strangers' pictures, in the child",
        "apps/pipeline/providers/painter/intake.py": "the illustrator's",
        "apps/pipeline/management/commands/make_previews.py": "the illustrator's",
        "apps/pipeline/packaging/thumbnails.py": "what the pictures step encoded",
        "apps/pipeline/render/caption_frame.py": "what the pictures step encoded",
        "apps/pipeline/render/inspect.py": "what the pictures step encoded",
        "apps/pipeline/render/planes.py": "what the pictures step encoded",
        "apps/pipeline/small_pictures.py": "what the pictures step encoded, and thumbnails",
        "apps/notifications/stills.py": "thumbnails",
    }
    opens = re.compile(r"\bImage\.open\(|\bimread\(|\bimdecode\(")
    modules = [path for folder in ("apps", "canvascast") for path in (ROOT / folder).rglob("*.py")]

    assert {path.relative_to(ROOT).as_posix() for path in modules if opens.search(path.read_text())} == set(ours)
