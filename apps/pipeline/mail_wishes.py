"""The wish to be mailed how one video ends. A video without a word of its own follows its owner's preferences."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.accounts.models import User
from apps.accounts.queries import address_of
from apps.notifications.queries import preferences_of
from apps.pipeline.actions import NotPossible
from apps.pipeline.models import Job
from apps.pipeline.states import OPEN
from canvascast.logs import get_logger

log = get_logger("pipeline")


@dataclass(frozen=True)
class MailSwitch:
    """What the switch shows. `address` is empty while the owner has none that is confirmed: nothing can be sent."""

    video_id: UUID
    address: str
    is_on: bool
    is_open: bool


def set_mail_wish(*, job: Job, wanted: bool, by: User) -> None:
    """Say that this video's end is mailed, or is not, whatever the preferences say. Raises NotPossible once it ended.

    Nothing is read first: a job that ends at this moment has either taken the wish or refuses it.
    """
    if Job.objects.filter(pk=job.pk, state__in=OPEN).update(wants_mail=wanted) != 1:
        raise NotPossible("This video is finished, so there is nothing more to tell you about it.")
    log.info("mail_wish", traceId=str(job.pk), userId=str(by.pk), wanted=wanted)


def mail_switch_of(job: Job, owner: User) -> MailSwitch:
    """Return how the video's switch stands now. At most two queries."""
    wish = job.wants_mail
    return MailSwitch(
        video_id=job.project_id,
        address=address_of(owner.pk) or "",
        is_on=preferences_of(owner).video_ready if wish is None else wish,
        is_open=not job.is_finished,
    )
