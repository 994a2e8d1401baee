"""Where the product decides what allauth leaves open."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from apps.accounts import sentences
from apps.accounts.mailboxes import domain_of, normalise
from apps.accounts.queries import is_closed
from apps.accounts.waiting import code_mail_keys
from canvascast.mail import named_mail_trouble

_ANSWERS_TO_A_REQUEST_FOR_A_CODE = {
    "account/email/login_code",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/password_reset_code",
    "account/email/account_already_exists",
    "account/email/unknown_account",
}


# What answers with "make an account" and "log in", neither of which is possible with a closed one.
_ANSWERS_ABOUT_AN_ACCOUNT = {"account/email/account_already_exists", "account/email/unknown_account"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """allauth's own, with limits over all mails that anybody can have sent to an address."""

    error_messages = {**DefaultAccountAdapter.error_messages, **sentences.ACCOUNT}

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # Any: template values
        """Send a mail. Ends the request with 429 when whoever asks, or the mailbox, had its share of codes this hour.

        Raises MailUnavailable.
        """
        if template_prefix in _ANSWERS_TO_A_REQUEST_FOR_A_CODE and not self._counts_in(email):
            raise ImmediateHttpResponse(ratelimit.respond_429(self.request))
        if template_prefix in _ANSWERS_ABOUT_AN_ACCOUNT and is_closed(email):
            template_prefix = "account/email/account_closed"
        with named_mail_trouble():
            super().send_mail(template_prefix, email, context)

    def _counts_in(self, email: str) -> bool:
        """Count one more code mail; the mailbox's own count is not used up by who had theirs."""
        keys = code_mail_keys(self.request, normalise(email))
        return all(ratelimit.consume(self.request, action=action, key=key) for action, key in keys.items())

    def add_message(
        self, request: HttpRequest, level: int, *args: Any, message: str | None = None, **kwargs: Any
    ) -> None:  # Any: as allauth's
        """Show a notice. allauth says "too many tries" of a void code too, and of nothing else in a notice."""
        if message == self.error_messages["too_many_login_attempts"]:
            message = sentences.void_code(settings.CODE_TRIES)
        super().add_message(request, level, *args, message=message, **kwargs)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return where a new password leads, past the login that it asks for: not to the form for another one."""
        return reverse("accounts:settings")

    def is_safe_url(self, url: str) -> bool:
        """Tell whether a page of ours may lead there; allauth's own raises ValueError for what is no address at all."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """allauth's own, believing Google about an existing account's address only where Google runs the mailbox."""

    error_messages = {**DefaultSocialAccountAdapter.error_messages, **sentences.OTHER_SERVICES}

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Return whether this address lets a Google login into the account that already has it.

        Google vouches for gmail.com and for domains it hosts (`hd`), see
        developers.google.com/identity/gsi/web/guides/verify-google-id-token.
        """
        told = login.account.extra_data
        claims = {**told.get("id_token", {}), **told.get("userinfo", {})}
        domain = domain_of(normalise(email))
        return domain == "gmail.com" or (bool(claims.get("hd")) and claims["hd"].lower() == email.rpartition("@")[2])


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """allauth's own, in this product's words."""

    error_messages = {**DefaultMFAAdapter.error_messages, **sentences.SECOND_FACTOR}
