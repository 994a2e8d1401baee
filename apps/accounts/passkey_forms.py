"""allauth's forms for passkeys, which trip over some malformed answers: here those are refused in words first."""

from __future__ import annotations

import struct
from typing import Any

from allauth.mfa.webauthn import forms as allauth_forms
from django import forms
from django.forms.fields import InvalidJSONInput
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

# What fido2 was seen to raise over 40,000 damaged answers; allauth expects the first two. Python's own reader of JSON
# raises the first for a number of thousands of digits, and the last for what is nested as deep.
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError)


class CredentialField(forms.JSONField):
    """What the browser's authenticator answered, as JSON that parses as `kind`."""

    widget = forms.HiddenInput

    def __init__(self, kind: type[AuthenticationResponse] | type[RegistrationResponse]) -> None:
        super().__init__()
        self.kind = kind

    def to_python(self, value: Any) -> Any:  # Any: as Django's field
        try:
            answer = super().to_python(value)
            if answer not in self.empty_values:
                self.kind.from_dict(answer)
                _require_known_extensions(answer)
        except _MALFORMED as malformed:
            raise forms.ValidationError("The key gave an answer we cannot read. Try again.") from malformed
        return answer

    def bound_data(self, data: Any, initial: Any) -> Any:  # Any: as Django's field
        """Show what was sent as it was: what could not be read once is not read again."""
        return data if data is None else InvalidJSONInput(data)


class LoginForm(allauth_forms.LoginWebAuthnForm):  # type: ignore[misc]  # allauth is not typed
    credential = CredentialField(AuthenticationResponse)


class AuthenticateForm(allauth_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth is not typed
    credential = CredentialField(AuthenticationResponse)


class ReauthenticateForm(allauth_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth is not typed
    credential = CredentialField(AuthenticationResponse)


class AddForm(allauth_forms.AddWebAuthnForm):  # type: ignore[misc]  # allauth is not typed
    name = forms.CharField(label="Name", max_length=60, required=False)
    passwordless = forms.BooleanField(
        label="Log in with it alone (a passkey)",
        required=False,
        help_text="Your device then asks for a PIN, a finger or a face.",
    )
    credential = CredentialField(RegistrationResponse)


def _require_known_extensions(answer: dict[str, Any]) -> None:
    """Raise AttributeError or TypeError unless "is it a passkey" can be read from the answer, as allauth will."""
    answer.get("clientExtensionResults", {}).get("credProps", {}).get("rk")
