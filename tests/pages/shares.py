"""A video that is shared, without pressing the button."""

from __future__ import annotations

from django.utils import timezone

from apps.pipeline.models import Job, ShareLink
from apps.pipeline.sharing import share_video
from tests.pages.conftest import file_of
from tests.pages.made import lay_down_words

FILES = ("video.mp4", "captions.vtt", "thumbnails/thumbnail_540.jpg", "captions.srt", "script.txt", "assets.zip")


def shared(job: Job, *, shape: str = "16:9") -> ShareLink:
    """Give the job its words and some files, and share its video."""
    lay_down_words(job, shape=shape)
    lay_down_some_files(job)
    return link_to(job)


def lay_down_some_files(job: Job) -> None:
    """What a link reaches, and some of what it must not."""
    for name in FILES:
        file_of(job, name)


def link_to(job: Job) -> ShareLink:
    return share_video(project=job.project, by=job.user, at=timezone.now())
