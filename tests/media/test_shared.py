"""The files of a shared video while all files are in a bucket."""

from __future__ import annotations

import pytest
import requests
from django.utils import timezone

from apps.pipeline.models import Asset, Job
from apps.pipeline.sharing import share_video, stop_sharing
from tests.media.test_assets import CONTENT, keep, presigned

pytestmark = pytest.mark.django_db


def link_to(asset: Asset) -> str:
    Job.objects.update(state="READY", progress=100, finished_at=timezone.now())
    project = asset.job.project
    return f"/v/{share_video(project=project, by=project.user, at=timezone.now()).token}"


def test_whoever_has_the_link_is_sent_to_a_short_one_into_the_bucket(client, bucket, owner, tmp_path):
    film = keep(owner, tmp_path)
    address = f"{link_to(film)}/film.mp4"

    answer = client.get(address)

    fetched = requests.get(answer["Location"], headers={"Range": "bytes=-3"}, timeout=5)
    assert (answer.status_code, answer["Cache-Control"]) == (302, "private, no-store")
    assert presigned(answer["Location"])["X-Amz-Expires"] == "900"
    assert (fetched.status_code, fetched.content) == (206, CONTENT[-3:])
    stop_sharing(project=film.job.project, by=owner, at=timezone.now())
    assert client.get(address).status_code == 404


def test_captions_in_the_bucket_come_from_this_site_and_are_not_kept(client, bucket, owner, tmp_path):
    film = keep(owner, tmp_path)
    captions = keep(owner, tmp_path, "captions.vtt", content=b"WEBVTT\n")
    Asset.objects.filter(pk=captions.pk).update(job=film.job)

    answer = client.get(f"{link_to(film)}/captions.vtt")

    assert (answer.status_code, answer.content) == (200, b"WEBVTT\n")
    assert answer["Cache-Control"] == "private, no-cache"
