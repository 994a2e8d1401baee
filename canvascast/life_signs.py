"""How work that leaves no rows shows that it goes on: all processes of a cluster inherit one file and touch it.

It has no name and no content; its time tells when one of them last took up work, ended some, or said from within long
work that it goes on. Nothing of it waits, and nothing needs the database.
"""

from __future__ import annotations

import os
import tempfile
import time

_file: int | None = None


def show_on(file: int) -> None:
    """Let `show` touch `file` in this process and in all that are forked from it; other programs do not inherit it."""
    global _file
    os.set_inheritable(file, False)
    _file = file


def show() -> None:
    """Show that work goes on. Call it often from what may take minutes; outside a cluster it does nothing."""
    if _file is not None:
        os.utime(_file)


class Signs:
    """The supervisor's side."""

    def __init__(self) -> None:
        self._stream = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the supervisor lives
        self.file = self._stream.fileno()
        os.utime(self.file, (0, 0))

    def were_shown_within(self, seconds: float) -> bool:
        """Return whether some process showed a sign in that time."""
        return time.time() - os.fstat(self.file).st_mtime < seconds
