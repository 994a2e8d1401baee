"""The commands that are measured: the product with either kernel, the encoder alone, and MoviePy in its environment."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from apps.pipeline.render import kernel_c
from apps.pipeline.render.fonts import font_for
from bench.item import WorkItem

ROOT = Path(__file__).resolve().parent.parent
MOVIEPY_HOME = ROOT / ".venv-bench"
REQUIREMENTS = ROOT / "requirements-bench.txt"


def available_kernels() -> list[str]:
    """Return the kernels that can be measured here; the compiled one only where `make kernel` has built it."""
    return ["c", "numba"] if kernel_c.is_usable() else ["numba"]


def render_command(item: WorkItem, out: Path, kernel: str) -> list[str]:
    """The product."""
    return [sys.executable, "-m", "bench.work", "render", str(item.path), str(out), kernel]


def sound_command(item: WorkItem) -> list[str]:
    """The product's audio mix."""
    return [sys.executable, "-m", "bench.work", "sound", str(item.path), str(item.sound_path), "auto"]


def encode_command(item: WorkItem, out: Path) -> list[str]:
    """The encoder alone, on ready frames."""
    return [sys.executable, "-m", "bench.work", "encode", str(item.path), str(out), "auto"]


def moviepy_command(item: WorkItem, out: Path) -> list[str]:
    """MoviePy making the same pictures, with the defaults of its `write_videofile`."""
    script, font = ROOT / "bench" / "moviepy_film.py", font_for("Words").path
    return [str(_moviepy_python()), str(script), str(item.path), str(out), str(font)]


def _moviepy_python() -> Path:
    """Return MoviePy's own Python, whose environment is made again when the pinned requirements have changed."""
    python = MOVIEPY_HOME / "bin" / "python"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = MOVIEPY_HOME / "requirements.sha256"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Installing {REQUIREMENTS.name} into {MOVIEPY_HOME.name} …", file=sys.stderr)
        venv.create(MOVIEPY_HOME, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(REQUIREMENTS)]
        subprocess.run(install, check=True, stdout=sys.stderr)
        stamp.write_text(wanted)
    return python
