"""What people type about themselves; the shape is judged here, what becomes of it in actions."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.fields import PasswordField


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth is not typed
    """An address, and a password for those who set one; without it a code is mailed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as Django's forms
        super().__init__(*args, **kwargs)
        self.fields["password"] = PasswordField(label="Password", required=False, autocomplete="current-password")
