"""The page of the address: whoever changes it gets all that is mailed from then on, fresh codes too."""

from __future__ import annotations

from typing import Any

from allauth.account.views import EmailView
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import User
from apps.accounts.queries import address_of
from apps.accounts.views.visitor import is_fresh, to_the_code, user_of
from apps.notifications.models import SuppressedMailbox
from apps.notifications.queries import suppression_of


class AddressPage(EmailView):  # type: ignore[misc]  # allauth is not typed
    """allauth's own, which everybody may look at, and which takes a change after a fresh code alone.

    A mailbox that gives our mail back gets no code either: its owner names another without one.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # Any: as allauth's
        """Take a change, or ask for the code first."""
        if self._wants_code():
            return to_the_code(request)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # Any: template values
        """Return allauth's values, and whether the code is typed before the new address."""
        return {**super().get_context_data(**kwargs), "wants_code": self._wants_code()}

    def _wants_code(self) -> bool:
        return not (is_fresh(self.request) or _gives_mail_back(user_of(self.request)))


def _gives_mail_back(user: User) -> bool:
    address = address_of(user.pk)
    suppression = suppression_of(address) if address else None
    return suppression is not None and suppression.reason == SuppressedMailbox.Reason.BOUNCED
