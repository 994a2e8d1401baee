"""Sharing a video with whoever has its link, and ending that. Nothing is public before its owner says so."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from apps.accounts.models import User
from apps.pipeline.actions import NotPossible
from apps.pipeline.models import Asset, Job, Project, ShareLink
from apps.pipeline.packaging import names
from apps.pipeline.states import JobState
from canvascast.logs import get_logger

log = get_logger("pipeline")

_TOKEN_BYTES = 24


def share_video(*, project: Project, by: User, at: datetime) -> ShareLink:
    """Return the video's live link; make one where there is none. Raises NotPossible for a video without a film."""
    with transaction.atomic():
        locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        if locked.deleted_at is not None:
            raise NotPossible("This video was deleted.")
        if known := link_of(locked.pk):
            return known
        if not _has_film(locked):
            raise NotPossible("There is no finished film of this video, so there is nothing to share.")
        link = ShareLink.objects.create(
            project=locked, user_id=locked.user_id, token=secrets.token_urlsafe(_TOKEN_BYTES), created_at=at
        )
    log.info("shared", projectId=str(project.pk), userId=str(by.pk))
    return link


def stop_sharing(*, project: Project, by: User, at: datetime) -> None:
    """End the video's link for good; sharing it again makes another. Without a link nothing changes."""
    if ShareLink.objects.filter(project=project, revoked_at__isnull=True).update(revoked_at=at):
        log.info("unshared", projectId=str(project.pk), userId=str(by.pk))


def end_again(link_ids: Iterable[UUID], *, at: datetime) -> None:
    """End those of the links that are live: a restored backup may be from before they were ended."""
    ShareLink.objects.filter(pk__in=list(link_ids), revoked_at__isnull=True).update(revoked_at=at)


def link_of(project_id: UUID) -> ShareLink | None:
    """Return the video's live link. One query."""
    link: ShareLink | None = ShareLink.objects.filter(project_id=project_id, revoked_at__isnull=True).first()
    return link


def page_address(token: str) -> str:
    """Return the address at which a shared video is watched."""
    return urljoin(settings.SITE_URL, reverse("pipeline:shared", args=[token]))


def links_of_user(user: User) -> Iterator[dict[str, Any]]:  # Any: column values
    """Yield every link that the user gave out, oldest first, with the address that it has or had."""
    for link in ShareLink.objects.for_user(user).order_by("created_at", "pk").iterator():
        yield {
            "project_id": link.project_id,
            "url": page_address(link.token),
            "created_at": link.created_at,
            "revoked_at": link.revoked_at,
        }


def _has_film(project: Project) -> bool:
    newest = Job.objects.filter(project=project, state=JobState.READY).order_by("-created_at").values("pk")[:1]
    return Asset.objects.filter(job__in=newest, filename=names.VIDEO, expired_at__isnull=True).exists()
