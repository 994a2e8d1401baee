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
from apps.pipeline.render.kernels import Source, cubic_taps, whole_weights

SOURCE = Path(__file__).with_name("kernel.c")

_PADDING = 32
_LEAST_WIDTH = 16


def library_path() -> Path:
    """Where the library of exactly this source on this kind of machine belongs, built or not."""
    stamp = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    return SOURCE.parent / "_build" / f"kernel-{platform.machine()}-{stamp}.so"


def is_usable() -> bool:
    """Whether the library was built from this source and this CPU can run it."""
    return library_path().is_file() and _library().kernel_is_supported() == 1


class CompiledKernel:
    """See `kernels.Kernel`. Raises FileNotFoundError when the library cannot be used here."""

    name = "c"

    def __init__(self) -> None:
        if not is_usable():
            raise FileNotFoundError(f"No compiled kernel for this machine at {library_path()}; run `make kernel`.")
        self._library = _library()

    def prepare(self, plane: Plane) -> Source:
        missing = max(0, _LEAST_WIDTH - plane.shape[1])
        return _Rows(np.ascontiguousarray(np.pad(plane, ((0, 0), (0, missing)), mode="edge")))

    def resample(self, source: Source, grid: Grid, target: Plane) -> None:
        rows = cast(_Rows, source).rows
        height, width = rows.shape
        padded = -(-grid.width // _PADDING) * _PADDING
        x_taps, x_weights = cubic_taps(grid.left, grid.step_x, padded, width)
        y_taps, y_weights = cubic_taps(grid.top, grid.step_y, grid.height, height)
        x_whole = whole_weights(x_weights, 1 << 14)
        y_whole = np.clip(np.rint(y_weights * (1 << 15)), -32768, 32767).astype(np.int16)
        failed = self._library.kernel_resample(
            _at(rows), rows.strides[0], width, _at(x_taps), _at(x_whole), padded, grid.width,
            _at(y_taps), _at(y_whole), grid.height, _at(target), target.strides[0],
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
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(library_path()))
    pointer, integer, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_ssize_t
    library.kernel_is_supported.argtypes = []
    library.kernel_resample.argtypes = [
        pointer, size, integer, pointer, pointer, integer, integer, pointer, pointer, integer, pointer, size,
    ]  # fmt: skip
    library.kernel_blend.argtypes = [pointer, pointer, ctypes.c_size_t, integer]
    library.kernel_blend.restype = None
    library.kernel_lay_over.argtypes = [pointer, size, pointer, pointer, integer, integer]
    library.kernel_lay_over.restype = None
    return library


def _at(array: np.ndarray) -> int:
    return int(array.ctypes.data)
