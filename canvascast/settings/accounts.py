"""Who comes in and how: allauth, passwords, sessions, and the shared cache that limits are counted in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from canvascast import env

ACCOUNT_APPS = [
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
]
ACCOUNT_MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware", "apps.accounts.middleware.StaffSecondFactor"]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [  # Any: each validator has options of its own
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email",)},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:start"
LOGOUT_REDIRECT_URL = "/"


CODE_SECONDS = 3600
CODE_TRIES = 5
CODES_A_MAILBOX = "12/h/key"
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "apps.accounts.forms.LoginForm",
    "signup": "apps.accounts.forms.SignupForm",
    "request_login_code": "apps.accounts.forms.RequestLoginCodeForm",
    "reset_password": "apps.accounts.forms.ResetPasswordForm",  # pragma: allowlist secret
    "add_email": "apps.accounts.forms.AddEmailForm",
    "change_password": "apps.accounts.forms.ChangePasswordForm",  # pragma: allowlist secret
    "set_password": "apps.accounts.forms.SetPasswordForm",  # pragma: allowlist secret
    "reset_password_from_key": "apps.accounts.forms.ResetPasswordKeyForm",  # pragma: allowlist secret
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = CODE_SECONDS
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = CODE_TRIES
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = CODE_SECONDS
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = CODE_TRIES
# The whole login must outlive its code.
ACCOUNT_LOGIN_TIMEOUT = CODE_SECONDS + 600
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = CODE_SECONDS
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = CODE_TRIES
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(env.value("SITE_URL", "http://127.0.0.1:8000")).scheme
# The first nine are this product's. Every mail that answers a request for a code, whichever page sent it, counts as
# "code_mail" for its mailbox and who asks, so that nobody is kept out by somebody else's asking, and as "code_mail_box"
# for the mailbox over all. allauth's own counts of an address must not be reached before those.
ACCOUNT_RATE_LIMITS = {
    "voice_sample": "15/m/user,150/h/user",
    "paid_voice_sample": "10/h/user",
    "voice_upload": "20/h/user",
    # One may be 200 MB and is kept for a day without an order.
    "recording_upload": "20/h/user,60/d/user",
    "changed_scenes": "10/m/user,60/h/user",
    "code_mail": "3/h/key",
    "code_mail_box": CODES_A_MAILBOX,
    "fresh_code": "3/h/user",
    "fresh_code_try": "20/h/user",
    "request_login_code": f"20/m/ip,{CODES_A_MAILBOX}",
    "confirm_email": CODES_A_MAILBOX,
    "reset_password": f"20/m/ip,{CODES_A_MAILBOX}",  # pragma: allowlist secret
}

MFA_ADAPTER = "apps.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "activate_totp": "apps.accounts.forms.ActivateTOTPForm",
    "authenticate": "apps.accounts.forms.AuthenticateForm",
    "reauthenticate": "apps.accounts.forms.ReauthenticateForm",
    "add_webauthn": "apps.accounts.passkey_forms.AddForm",
    "login_webauthn": "apps.accounts.passkey_forms.LoginForm",
    "authenticate_webauthn": "apps.accounts.passkey_forms.AuthenticateForm",
    "reauthenticate_webauthn": "apps.accounts.passkey_forms.ReauthenticateForm",
}
MFA_TOTP_ISSUER = "CanvasCast"
MFA_TOTP_TOLERANCE = 1

SOCIALACCOUNT_ADAPTER = "apps.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_QUERY_EMAIL = True

# How many proxies of ours stand in front and append to X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0)
NINJA_NUM_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT

CACHES = {
    "default": {
        "BACKEND": "apps.accounts.shared_cache.SharedCache",
        "LOCATION": "shared_cache",
        # Django's default of 300 rows would drop the counters of limits under load.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # For what costs more to ask than to remember, and may differ between processes for a minute.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
}


def google_login() -> dict[str, Any]:  # Any: the shape allauth's SOCIALACCOUNT_PROVIDERS has
    """Return SOCIALACCOUNT_PROVIDERS: Google when its client id and secret are set, otherwise nothing."""
    client_id = env.value("GOOGLE_CLIENT_ID", "")
    secret = env.value("GOOGLE_CLIENT_SECRET", "")
    if not (client_id and secret):
        return {}
    google = {
        "provider_id": "google",
        "name": "Google",
        "client_id": client_id,
        "secret": secret,  # pragma: allowlist secret
        "settings": {"server_url": env.value("GOOGLE_OPENID_URL", "https://accounts.google.com")},
    }
    return {"openid_connect": {"APPS": [google], "OAUTH_PKCE_ENABLED": True}}


SOCIALACCOUNT_PROVIDERS = google_login()
