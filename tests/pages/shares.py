"""A video that is shared, without pressing the button."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils import timezone

from apps.pipeline.models import Job, ShareLink
from apps.pipeline.sharing import share_video
from tests.pages.made import lay_down_files, lay_down_words


def shared(job: Job, **words: object) -> ShareLink:
    """Give the job its words and files, and share its video."""
    lay_down_words(job, **words)
    lay_down_files(job)
    return link_to(job)


def link_to(job: Job) -> ShareLink:
    return share_video(project=job.project, by=job.user, at=timezone.now())


def path_of(address: str) -> str:
    return urlsplit(address).path
