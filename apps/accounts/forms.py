"""What people type about themselves; the shape is judged here, what becomes of it in actions."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_base_forms
from allauth.mfa.totp import forms as mfa_forms
from django import forms
from django.db import transaction
from django.http import HttpRequest

from apps.accounts.actions import ProfileChanges
from apps.accounts.avatars import BadPicture, avatar_of
from apps.accounts.models import Profile, User
from apps.accounts.time_zones import time_zone_choices
from canvascast.form_fields import NameField

_LABELS = {"email": "E-mail address", "login": "E-mail address", "password1": "New password"}


class PlainForm:
    """Labels as the rest of the site writes them; what a label says no placeholder repeats."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as Django's forms
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = _LABELS.get(name) or str(field.label or "").capitalize()
            if name == "password1":
                field.help_text = "At least 10 characters. Not your address, and not one that many people use."


class LoginForm(PlainForm, allauth_forms.LoginForm):  # type: ignore[misc]  # allauth is not typed
    """An address, and a password for those who set one; without it a code is mailed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as Django's forms
        super().__init__(*args, **kwargs)
        self.fields["password"] = forms.CharField(
            label="Password",
            required=False,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            help_text="Leave it empty to get a code by mail.",
        )


class SignupForm(PlainForm, allauth_forms.SignupForm):  # type: ignore[misc]  # as above
    """The address alone."""

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        """Make the user and their address in one commit: a user without one would need two codes to come in."""
        made: User = super().save(request)
        return made


class RequestLoginCodeForm(PlainForm, allauth_forms.RequestLoginCodeForm):  # type: ignore[misc]  # as above
    """The address alone."""


class ResetPasswordForm(PlainForm, allauth_forms.ResetPasswordForm):  # type: ignore[misc]  # as above
    """The address alone."""


class AddEmailForm(PlainForm, allauth_forms.AddEmailForm):  # type: ignore[misc]  # as above
    """The new address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as Django's forms
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "New address"


class ChangePasswordForm(PlainForm, allauth_forms.ChangePasswordForm):  # type: ignore[misc]  # as above
    """The password there is, and a new one twice."""


class SetPasswordForm(PlainForm, allauth_forms.SetPasswordForm):  # type: ignore[misc]  # as above
    """A first password, twice."""


class ResetPasswordKeyForm(PlainForm, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]  # as above
    """A new password, twice."""


class ActivateTOTPForm(PlainForm, mfa_forms.ActivateTOTPForm):  # type: ignore[misc]  # as above
    """The code that the app shows."""


class AuthenticateForm(PlainForm, mfa_base_forms.AuthenticateForm):  # type: ignore[misc]  # as above
    """The code that the app shows, or a recovery code."""


class ReauthenticateForm(PlainForm, mfa_base_forms.ReauthenticateForm):  # type: ignore[misc]  # as above
    """The code that the app shows, or a recovery code."""


class WelcomeForm(forms.Form):
    display_name = NameField(label="Your name", max_length=80, required=False)
    time_zone = forms.ChoiceField(label="Time zone", choices=time_zone_choices)

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:  # Any: as Django's forms
        given = {"display_name": profile.display_name, "time_zone": profile.time_zone}
        kwargs.setdefault("initial", given)
        super().__init__(*args, **kwargs)
        self.fields["display_name"].widget.attrs["autocomplete"] = "name"

    def changes(self) -> ProfileChanges:
        """Return what the form sets."""
        return ProfileChanges(display_name=self.cleaned_data["display_name"], time_zone=self.cleaned_data["time_zone"])


class ProfileForm(WelcomeForm):
    avatar = forms.FileField(
        label="Picture",
        required=False,
        help_text="PNG, JPEG or WebP, at most 1 MB. It is cut to a square.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    removes_avatar = forms.BooleanField(label="Remove the picture", required=False)

    def clean_avatar(self) -> bytes | None:
        """Return the upload as a WebP picture of our own making."""
        upload = self.cleaned_data["avatar"]
        try:
            return avatar_of(upload.file) if upload else None
        except BadPicture as bad:
            raise forms.ValidationError(bad.sentence) from bad

    def changes(self) -> ProfileChanges:
        """Return what the form sets."""
        return ProfileChanges(
            display_name=self.cleaned_data["display_name"],
            time_zone=self.cleaned_data["time_zone"],
            avatar=self.cleaned_data["avatar"],
            removes_avatar=self.cleaned_data["removes_avatar"],
        )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code", max_length=20, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True})
    )


class ApiKeyForm(forms.Form):
    name = NameField(label="Name", max_length=60, help_text="For yourself, to tell your keys apart.")


class DeleteForm(forms.Form):
    sure = forms.BooleanField(label="Delete my account, my videos and my voices for good")
