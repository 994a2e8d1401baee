"""Build the compiled kernel: `python -m apps.pipeline.render.build_kernel`. Without a compiler numba serves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from apps.pipeline.render.kernel_c import SOURCE, library_path

_SECONDS = 120


class NoCompiler(Exception):
    """No C compiler was found on this machine."""


def build(target: Path) -> Path:
    """Compile the kernel to `target`. Raises NoCompiler, or CalledProcessError when the compiler refuses."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompiler("No C compiler was found (Debian, Ubuntu: apt-get install gcc).")
    target.parent.mkdir(parents=True, exist_ok=True)
    half_done = target.with_suffix(".part")
    flags = ["-O3", "-std=c11", "-Wall", "-Wextra", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, str(SOURCE), "-lm", "-o", str(half_done)], check=True, timeout=_SECONDS)  # noqa: S603 - our own source
    return half_done.replace(target)


def main() -> int:
    try:
        built = build(library_path())
    except NoCompiler as missing:
        print(f"{missing} Videos are rendered with the numba kernel.", file=sys.stderr)  # noqa: T201 - a command's output
        return 0
    print(built)  # noqa: T201 - a command's output
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
