"""How the processes of a cluster learn that they shall begin nothing new.

All of them inherit the reading end of one pipe; the supervisor holds the other and closes it. No signal interrupts what
they do, and a supervisor that died has asked, too.
"""

from __future__ import annotations

import os
import select

_ears: int | None = None


def listen(file: int) -> None:
    """Take `file` for the ears of this process and of all that are forked from it; other programs do not inherit it."""
    global _ears
    os.set_inheritable(file, False)
    _ears = file


def is_asked() -> bool:
    """Tell whether this process shall end its work in hand and begin no other."""
    if _ears is None:
        return False
    poll = select.poll()
    poll.register(_ears, select.POLLIN)
    return bool(poll.poll(0))
