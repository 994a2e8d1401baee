"""Why credits are not moved, in the customer's words."""

from __future__ import annotations

from http import HTTPStatus

from canvascast.amounts import credits_in_words
from canvascast.errors import Refused


class InsufficientCredits(Refused):
    """Fewer credits are available than `required`."""

    code = "INSUFFICIENT_CREDITS"
    status = HTTPStatus.PAYMENT_REQUIRED

    def __init__(self, required: int, available: int) -> None:
        super().__init__(
            f"This needs {credits_in_words(required)}; you have {available}.",
            {"required": required, "available": available},
        )
        self.required = required
        self.available = available


class DebtOwed(Refused):
    """Credits were spent before they were refunded; what comes in next pays for them."""

    code = "INSUFFICIENT_CREDITS"
    status = HTTPStatus.PAYMENT_REQUIRED

    def __init__(self, required: int, debt: int) -> None:
        super().__init__(
            f"{credits_in_words(debt)} that were refunded had been used already. The next credits you buy pay for "
            "them; then you can make videos again.",
            {"required": required, "available": 0, "debt": debt},
        )
        self.debt = debt
