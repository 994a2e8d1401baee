"""Times that may collide, set in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

SHORTEST_SECONDS = 0.01


def strictly_rising(begins: Sequence[float] | npt.NDArray[np.float64], seconds: float) -> list[float]:
    """Return `begins` moved as little as needed to lie in [0, seconds], rise by 10 ms each and leave the last as much.

    Where there are too many for that, they share the time evenly.
    """
    count = len(begins)
    step = min(SHORTEST_SECONDS, seconds / (count + 1))
    ramp = np.arange(count) * step
    level = np.maximum.accumulate(np.asarray(begins, dtype=np.float64) - ramp)
    return [float(begin) for begin in np.clip(level, 0.0, seconds - count * step) + ramp]
