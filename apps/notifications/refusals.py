"""How a mail can fail to leave."""

from __future__ import annotations

from datetime import datetime


class NotSent(Exception):
    """The mail was not taken, as far as is known; `is_doubtful` says that it may have left all the same."""

    def __init__(self, reason: str, *, is_doubtful: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_doubtful = is_doubtful


class Refused(NotSent):
    """The server will never take mail for this address."""

    def __init__(self) -> None:
        super().__init__("address_refused", is_doubtful=False)


class Busy(NotSent):
    """The server takes no more for now, and named the moment to come back: waiting for it is no try."""

    def __init__(self, until: datetime) -> None:
        super().__init__("server_busy", is_doubtful=False)
        self.until = until
