"""Children with little memory, started by a process that has much, and what goes to and fro."""

from __future__ import annotations

import os

import pytest

from canvascast.children import Failed, Limits, run_child

_LITTLE = Limits(deadline_seconds=10, memory_bytes=64 * 1024**2, file_bytes=1024)


@pytest.mark.slow  # grows a process
def test_child_starts_wherever_the_larger_process_stands_in_its_own_memory():
    """Python takes memory for its calls piece by piece; at the end of each piece a child's limit leaves it no next."""

    def started(depth: int) -> tuple[bytes, bytes]:
        return run_child(["/bin/echo", "here"], _LITTLE) if depth == 0 else started(depth - 1)

    assert {started(depth)[0] for depth in range(0, 300, 2)} == {b"here\n"}


def test_more_goes_to_and_fro_than_pipes_hold():
    content = os.urandom(3_000_000)

    assert run_child(["/bin/cat"], Limits(deadline_seconds=20), stdin=content) == (content, "")


def test_child_need_not_listen():
    assert run_child(["/bin/echo", "here"], _LITTLE, stdin=bytes(3_000_000)) == (b"here\n", "")


def test_child_may_write_as_much_as_its_limit_says():
    assert run_child(["/bin/echo", "here"], Limits(10, output_bytes=5))[0] == b"here\n"
    with pytest.raises(Failed, match="wrote more than 4 bytes"):
        run_child(["/bin/echo", "here"], Limits(10, output_bytes=4))


def test_of_what_it_complained_about_the_end_is_kept():
    complains = "printf %09999d 7 >&2; exit 3"

    with pytest.raises(Failed) as caught:
        run_child(["/bin/sh", "-c", complains], _LITTLE)

    assert (caught.value.exit_code, str(caught.value)[-4001:]) == (3, f" {7:04000}")
