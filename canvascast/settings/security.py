"""What browsers are told to refuse, how much a request may carry, and what a request's log line may hold."""

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

from canvascast.settings.payments import PAYMENTS_ENABLED, STRIPE_PAGES
from canvascast.settings.storage import media_origins

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "microphone",
        "payment",
        "usb",
    )
)

SESSION_ENGINE = "apps.accounts.session_store"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "canvascast.pages.refusals.unproven"

# Chromium holds redirects after a form to this list too: Google's sign-in and Stripe's checkout begin with a form.
_FORM_TARGETS = [SELF, "https://accounts.google.com", *(STRIPE_PAGES if PAYMENTS_ENABLED else [])]
_DIRECTIVES = {
    "default-src": [NONE],
    "script-src": [SELF, NONCE],
    "style-src": [SELF, NONCE],
    "img-src": [SELF, *media_origins()],
    "media-src": [SELF, *media_origins()],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "worker-src": [SELF],
    "form-action": _FORM_TARGETS,
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": _DIRECTIVES}
# Only for staff and for readers of the API: the admin theme evaluates its attributes, both style elements inline.
LOOSE_POLICY_PATHS = ("/admin/", "/api/docs")
LOOSE_POLICY = {
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
}

# The longest transcript, 50,000 characters of four bytes, three times as long once a form has encoded it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# What else is taken, by the path's beginning: five voice samples of 50 MB; a photograph, so that the form itself can
# say that it is too large; a picture of 20 MB and a recording of 200 MB beside the text of a video. A body is read
# before anybody is asked who they are.
_SAMPLES_BYTES = 5 * 50_000_000 + 1_000_000
UPLOAD_MAX_BYTES = {
    "/api/v1/voice-profiles": _SAMPLES_BYTES,
    "/api/v1/recordings": 205_000_000,
    "/app/voices": _SAMPLES_BYTES,
    "/app/settings/profile": 20_000_000,
    # Stripe's largest events, of invoices with many lines, are far below this.
    "/api/webhooks/stripe": 500_000,
    "/app/new": 230_000_000,
    "/api/webhooks/email": 200_000,
    "/mail/off/": 10_000,
}

DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# The first line of a request says nothing that its last one does not.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20
