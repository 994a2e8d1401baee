"""The inner loops of the compositor behind one small interface, in two makes that agree within one level.

`numba` comes from wheels and serves everywhere; `c` is built where a compiler is found (`build_kernel`) and costs less.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.pipeline.render.canvas import Grid, Plane

KernelChoice = Literal["auto", "numba", "c"]


class Source(Protocol):
    """A still's plane, laid out as its kernel wants it."""


class Kernel(Protocol):
    """Draws on planes. Not thread-safe: one kernel per composing thread, which gives up the GIL while it draws."""

    name: str

    def prepare(self, plane: Plane) -> Source:
        """Lay out a still's plane for `resample`."""

    def resample(self, source: Source, grid: Grid, target: Plane) -> None:
        """Fill the target's first `grid.width` columns with the source at the grid's points.

        Separable cubic convolution with a = -0.5 (Keys 1981); steps above 1 skip samples; edges are repeated.
        """

    def blend(self, target: Plane, other: Plane, weight: int) -> None:
        """Mix in `other`, of the same shape: target * (256 - weight) + other * weight, over 256."""

    def lay_over(self, target: Plane, column: int, row: int, colour: Plane, alpha: Plane) -> None:
        """Lay a premultiplied patch over the target: colour + target * (255 - alpha) / 255."""


def load_kernel(choice: KernelChoice = "auto", cache_folder: Path | None = None) -> Kernel:
    """Return the kernel asked for; "auto" takes the compiled one where it was built and the CPU can run it.

    numba keeps what it compiled in `cache_folder`, else beside the code or in the user's cache folder. Raises
    FileNotFoundError when the compiled kernel is asked for by name and cannot be used here.
    """
    from apps.pipeline.render import kernel_c

    # Drawing has one thread and the encoder the other cores: OpenCV's pool would only take time from both.
    cv2.setNumThreads(1)
    if choice == "c" or (choice == "auto" and kernel_c.is_usable()):
        return kernel_c.CompiledKernel()
    return _load_numba(cache_folder)


@dataclass(frozen=True)
class Taps:
    """For each point its four source indices, kept inside the source, and their weights: both (points, 4)."""

    indices: NDArray[np.int64]
    weights: NDArray[np.float64]

    def whole(self, unit: int) -> NDArray[np.int16]:
        """Return the weights in parts of `unit`; each row still sums to `unit`, so that flat areas stay flat."""
        rounded = np.rint(self.weights * unit).astype(np.int16)
        rest = unit - rounded.sum(axis=1, dtype=np.int32)
        nearest = 1 + (self.weights[:, 2] > self.weights[:, 1])
        rounded[np.arange(len(rounded)), nearest] += rest.astype(np.int16)
        return rounded


def cubic_taps(start: float, step: float, count: int, length: int) -> Taps:
    """Return the taps of `count` points from `start` on, `step` apart, in a source of `length` samples."""
    points = start + np.arange(count) * step
    left = np.floor(points)
    t = points - left
    square = t * t
    cube = square * t
    weights = np.empty((count, 4))
    weights[:, 0] = square - 0.5 * (cube + t)
    weights[:, 1] = 1.5 * cube - 2.5 * square + 1
    weights[:, 2] = 2 * square - 1.5 * cube + 0.5 * t
    weights[:, 3] = 0.5 * (cube - square)
    indices = left.astype(np.int64)[:, np.newaxis] + np.arange(-1, 3)
    return Taps(np.minimum(np.maximum(indices, 0), length - 1), weights)


def _load_numba(cache_folder: Path | None) -> Kernel:
    if cache_folder is not None:
        _keep_compiled_in(str(cache_folder))
    try:
        return _numba_kernel()
    except RuntimeError:
        # No folder that numba tries can be written: compile into one of this process's own.
        _keep_compiled_in(tempfile.mkdtemp(prefix="canvascast-kernel-"))
        return _numba_kernel()


def _keep_compiled_in(folder: str) -> None:
    config: Any = importlib.import_module("numba.core.config")  # Any: numba sets its options at run time
    config.CACHE_DIR = folder


def _numba_kernel() -> Kernel:
    from apps.pipeline.render.kernel_numba import NumbaKernel

    make: Callable[[], Kernel] = NumbaKernel
    return make()
