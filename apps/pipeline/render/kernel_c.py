"""The compiled kernel, used where `build_kernel` has built it."""

from __future__ import annotations

import ctypes
import hashlib
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np

from apps.pipeline.render.canvas import Grid, Plane
from apps.pipeline.render.kernels import Source

SOURCE = Path(__file__).with_name("kernel.c")

_LEAST_WIDTH = 16


def library_path() -> Path:
    """Where the library of exactly this source on this kind of machine belongs, built or not."""
    stamp = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    return SOURCE.parent / "_build" / f"kernel-{platform.machine()}-{stamp}.so"


def is_usable() -> bool:
    """Whether the library was built from this source and this CPU can run it."""
    try:
        return library_path().is_file() and _load(library_path()).kernel_is_supported() == 1
    except OSError:
        return False


class CompiledKernel:
    """See `kernels.Kernel`. Raises FileNotFoundError when `library` was not built."""

    name = "c"

    def __init__(self, library: Path | None = None) -> None:
        path = library or library_path()
        if not path.is_file():
            raise FileNotFoundError(f"There is no compiled kernel at {path}; build it with `make kernel`.")
        self._library = _load(path)

    def prepare(self, plane: Plane) -> Source:
        missing = max(0, _LEAST_WIDTH - plane.shape[1])
        return _Rows(np.ascontiguousarray(np.pad(plane, ((0, 0), (0, missing)), mode="edge")))

    def resample(self, source: Source, grid: Grid, target: Plane) -> None:
        rows = cast(_Rows, source).rows
        height, width = rows.shape
        failed = self._library.kernel_resample(
            _at(rows), rows.strides[0], width, height, grid.left, grid.step_x, grid.top, grid.step_y,
            _at(target), target.strides[0], grid.width, grid.height,
        )  # fmt: skip
        if failed:
            raise MemoryError("no memory for a row of samples")

    def blend(self, target: Plane, other: Plane, weight: int) -> None:
        self._library.kernel_blend(_at(target), _at(other), target.size, weight)

    def lay_over(self, target: Plane, column: int, row: int, colour: Plane, alpha: Plane) -> None:
        height, width = colour.shape
        self._library.kernel_lay_over(
            _at(target[row:, column:]), target.strides[0], _at(colour), _at(alpha), width, height
        )


@dataclass(frozen=True)
class _Rows:
    rows: Plane


@cache
def _load(path: Path) -> ctypes.CDLL:
    """Raises OSError when the file is no library for this machine."""
    library = ctypes.CDLL(str(path))
    pointer, integer, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_ssize_t
    library.kernel_is_supported.argtypes = []
    place = [ctypes.c_double] * 4
    library.kernel_resample.argtypes = [
        pointer, size, integer, integer, *place, pointer, size, integer, integer,
    ]  # fmt: skip
    library.kernel_blend.argtypes = [pointer, pointer, ctypes.c_size_t, integer]
    library.kernel_blend.restype = None
    library.kernel_lay_over.argtypes = [pointer, size, pointer, pointer, integer, integer]
    library.kernel_lay_over.restype = None
    return library


def _at(array: np.ndarray) -> int:
    return int(array.ctypes.data)
