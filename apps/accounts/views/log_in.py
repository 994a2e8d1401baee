"""The page of the login, to which mails lead that answer a sign-up."""

from __future__ import annotations

from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStage
from allauth.account.views import LoginView
from django.http import HttpRequest, HttpResponseRedirect


class LogInPage(LoginView):  # type: ignore[misc]  # allauth is not typed
    """allauth's own, which a sign-up that waits for its code does not keep from.

    One with an address that has an account waits for a code that nobody gets, as real ones do, so that the page tells
    nothing: what was mailed instead leads here. Both are left alike, the code as well as the login.
    """

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> HttpResponseRedirect | None:
        if not stage.login.signup:
            waiting: HttpResponseRedirect | None = super()._redirect_to_pending_stage(request, stage)
            return waiting
        if process := EmailVerificationProcess.resume(request):
            process.abort()
        clear_login(request)
        return None
