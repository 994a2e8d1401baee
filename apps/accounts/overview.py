"""What is set at the moment, for the page that leads to everything that can be set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from apps.accounts.models import User
from apps.accounts.queries import exports_of, live_keys, profile_of
from apps.accounts.sessions import number_of_sessions


@dataclass(frozen=True)
class Overview:
    """The values beside the links. `new_address` waits for its code; it and `name` are empty when there is none."""

    name: str
    address: str
    new_address: str
    has_password: bool
    has_app: bool
    passkeys: int
    recovery_codes: int
    sessions: int
    has_google: bool
    keys: int
    exports: int

    @property
    def new_address_note(self) -> str:
        """Which address waits for its code; empty when none does."""
        return f"{self.new_address} is not confirmed yet" if self.new_address else ""

    @property
    def second_factor_in_words(self) -> str:
        """What is asked for after the code or the password, and how many recovery codes are left."""
        ways = [*(["authenticator app"] if self.has_app else []), *(_counted(self.passkeys, "passkey"))]
        codes = _counted(self.recovery_codes, "recovery code")
        return "On: " + ", ".join([*ways, *codes]) if ways else "Off"

    @property
    def sessions_in_words(self) -> str:
        """In how many browsers."""
        return "Only here" if self.sessions <= 1 else f"In {self.sessions} browsers"

    @property
    def keys_in_words(self) -> str:
        """How many keys work."""
        return "".join(_counted(self.keys, "key")) or "None"

    @property
    def exports_in_words(self) -> str:
        """How many exports there are to download or in the making."""
        return "".join(_counted(self.exports, "export"))


def overview_of(user: User, *, at: datetime) -> Overview:
    """Return what is set for `user`; nine queries."""
    profile = profile_of(user)
    addresses = list(EmailAddress.objects.filter(user_id=user.pk).order_by("-verified", "-primary", "pk"))
    ways = list(Authenticator.objects.filter(user_id=user.pk))
    kinds = Counter(way.type for way in ways)
    return Overview(
        name=profile.display_name,
        address=addresses[0].email if addresses else user.email,
        new_address=next((address.email for address in addresses[1:] if not address.verified), ""),
        has_password=user.has_usable_password(),
        has_app=kinds[Authenticator.Type.TOTP] > 0,
        passkeys=kinds[Authenticator.Type.WEBAUTHN],
        recovery_codes=sum(
            len(way.wrap().get_unused_codes()) for way in ways if way.type == Authenticator.Type.RECOVERY_CODES
        ),
        sessions=number_of_sessions(user, at),
        has_google=SocialAccount.objects.filter(user_id=user.pk).exists(),
        keys=live_keys(user).count(),
        exports=exports_of(user, at).count(),
    )


def _counted(number: int, noun: str) -> list[str]:
    return [f"{number} {noun}{'' if number == 1 else 's'}"] if number else []
