"""allauth's refusals in this product's words, by allauth's codes for them; and what it has no code of its own for."""

from __future__ import annotations

ACCOUNT = {
    "account_inactive": "This account is closed.",
    "cannot_remove_primary_email": "This is the address you log in with. Change it instead.",
    "duplicate_email": "This is your address already.",
    "email_password_mismatch": "Address and password do not belong together. Leave the password empty to get a code.",
    "email_taken": "This address has an account already.",
    "enter_current_password": "Type the password you have now.",
    "incorrect_code": "That is not the code. Look again, or ask for a new one.",
    "incorrect_password": "That is not your password.",
    "invalid_or_expired_key": "That code is no longer good. Ask for a new one.",
    "invalid_login": "Logging in did not work. Start again.",
    "invalid_password_reset": "That code is no longer good. Ask for a new one.",
    "too_many_login_attempts": (
        "Too many tries. Try again in an hour at the latest; a code already mailed still works on the page that asked "
        "for it, in the same browser."
    ),
    "unknown_email": "This address has no account.",
    "unverified_primary_email": "Confirm your address first.",
    "same_as_current": "That is the one you have now.",
    "rate_limited": "You asked too often. Wait a while, then try again.",
}
SECOND_FACTOR = {
    "add_email_blocked": "Turn the second factor off before you change the address, and on again afterwards.",
    "cannot_delete_authenticator": "The second factor cannot be turned off for this account.",
    "cannot_generate_recovery_codes": "Recovery codes come with a second factor. Turn one on first.",
    "incorrect_code": "That is not the code. The app shows a new one every 30 seconds.",
    "unverified_email": "Confirm your address first, then turn on the second factor.",
}
OTHER_SERVICES = {
    "email_taken": "This address has an account already. Log in to it first, then connect %s in the settings.",
    "invalid_token": "That answer is no longer good. Start again.",
    "no_password": "Set a password first, or you could not log in any more.",
    "no_verified_email": "Confirm your address first.",
    "disconnect_last": "This is your only way to log in. Confirm an address or set a password first.",
    "connected_other": "This is connected to another account already.",
}


def void_code(tries: int) -> str:
    """Say that a code was mistyped as often as it may be."""
    return f"That was wrong {tries} times, so the code is void. Ask for a new one."
