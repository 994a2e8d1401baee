"""What the public pages say about this site: read from where it is decided, so that the words cannot grow old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from apps.accounts.actions import EXPORT_KEPT_FOR, UNCONFIRMED_KEPT_FOR
from apps.drafts import limits
from apps.notifications.mail_log import CODE_NEWS_KEPT_FOR
from canvascast.settings.storage import media_origins
from canvascast.video_choices import MINUTES

_BUILT_IN = {"word-list", "sample", "espeak", "speaker-events", "whisper", "illustrator"}


@dataclass(frozen=True)
class Operator:
    """Who runs the site; what they have not filled in is empty."""

    name: str
    address: str
    contact: str

    @property
    def is_known(self) -> bool:
        """Whether a reader can tell who it is and how to reach them."""
        return bool(self.name and self.address and self.contact)

    @property
    def contact_link(self) -> str:
        """The address that a link to the contact leads to."""
        return f"mailto:{self.contact}" if "@" in self.contact else self.contact


@dataclass(frozen=True)
class Facts:
    """Days, amounts and names. `outside_engines` are the services that see a customer's text; empty when none does."""

    operator: Operator
    welcome_credits: int
    draft_days: int
    asset_days: int
    backup_days: int
    claimed_draft_days: int
    unconfirmed_days: int
    code_news_days: int
    funnel_days: int
    export_days: int
    session_days: int
    longest_minutes: int
    outside_engines: tuple[str, ...]
    learns_voices: bool
    has_google: bool
    has_payments: bool
    has_bucket: bool
    session_cookie: str
    csrf_cookie: str
    draft_cookie: str


def facts() -> Facts:
    """Return what holds for this site as it is set up."""
    return Facts(
        operator=Operator(settings.OPERATOR_NAME, settings.OPERATOR_ADDRESS, settings.OPERATOR_CONTACT),
        welcome_credits=settings.TRIAL_CREDITS,
        draft_days=_days(limits.KEPT_UNCLAIMED),
        asset_days=settings.ASSET_DAYS,
        backup_days=settings.BACKUP_DAYS,
        claimed_draft_days=_days(limits.KEPT_CLAIMED),
        unconfirmed_days=_days(UNCONFIRMED_KEPT_FOR),
        code_news_days=_days(CODE_NEWS_KEPT_FOR),
        funnel_days=settings.FUNNEL_DAYS,
        export_days=_days(EXPORT_KEPT_FOR),
        session_days=_days(timedelta(seconds=settings.SESSION_COOKIE_AGE)),
        longest_minutes=int(MINUTES[1]),
        outside_engines=tuple(
            sorted({*settings.PROVIDERS.values(), *settings.SPEAKERS, *settings.ALIGNERS} - _BUILT_IN)
        ),
        learns_voices=bool(settings.CLONER),
        has_google=bool(settings.SOCIALACCOUNT_PROVIDERS),
        has_payments=settings.PAYMENTS_ENABLED,
        has_bucket=bool(media_origins()),
        session_cookie=settings.SESSION_COOKIE_NAME,
        csrf_cookie=settings.CSRF_COOKIE_NAME,
        draft_cookie=settings.DRAFT_COOKIE_NAME,
    )


def _days(time: timedelta) -> int:
    return time.days
