"""Children with little memory, started by a process that has much."""

from __future__ import annotations

import pytest

from canvascast.children import Limits, run_child

_LITTLE = Limits(deadline_seconds=10, memory_bytes=64 * 1024**2, file_bytes=1024)


@pytest.mark.slow  # grows a process
def test_child_starts_wherever_the_larger_process_stands_in_its_own_memory():
    """Python takes memory for its calls piece by piece; at the end of each piece a child's limit leaves it no next."""

    def started(depth: int) -> tuple[bytes, bytes]:
        return run_child(["/bin/echo", "here"], _LITTLE) if depth == 0 else started(depth - 1)

    assert {started(depth)[0] for depth in range(0, 300, 2)} == {b"here\n"}
