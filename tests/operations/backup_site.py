"""A site with one finished video, some credits and their files, in a database and folders of its own."""

from __future__ import annotations

import contextlib
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import psycopg
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.test import override_settings

from apps.accounts.models import User
from apps.billing import ledger
from apps.pipeline.models import Asset, Job, ShareLink
from apps.pipeline.states import JobState
from canvascast.operations.backups.databases import looking_at
from canvascast.settings import storage as storage_settings
from tests.billing.moves import NOW, give, hold
from tests.operations.conftest import job_of, make
from tests.workplace import Workplace, opened_workplace

FILM = b"a film of some bytes"


@dataclass(frozen=True)
class Site:
    """The commands as an operator meets them; `said` is what they printed."""

    place: Workplace
    database: str

    @property
    def backups(self) -> Path:
        return self.place.var / "backups"

    @property
    def film(self) -> Path:
        return self.place.var / "storage" / "generated-assets" / Asset.objects.get(kind="video").storage_name

    def backup(self, *arguments: str) -> Path:
        """Take a backup; return its folder."""
        return Path(run("backup", *arguments).splitlines()[0])

    def databases(self, like: str) -> list[str]:
        found = self.place.query("SELECT datname FROM pg_database WHERE datname LIKE %s", like)
        return [name for (name,) in found]


def run(*arguments: str) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said, stderr=StringIO())
    return said.getvalue()


def refused(*arguments: str) -> tuple[int, str, list[str]]:
    """Run a command that must fail; return its exit code, its last sentence, and the lines before."""
    said = StringIO()
    try:
        call_command(*arguments, stdout=said, stderr=StringIO())
    except CommandError as error:
        return error.returncode, str(error), said.getvalue().splitlines()
    raise AssertionError(f"{arguments} was not refused: {said.getvalue()}")


@contextlib.contextmanager
def opened_site(folder: Path) -> Iterator[Site]:
    """Let this process be the site's while the block runs; drop what it left on the server."""
    with opened_workplace(folder) as place:
        database = place.environment["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
        site = Site(place, database)
        with _settings_of(place), looking_at(database):
            yield site
        for old in site.databases(f"{database}_before_%"):
            with psycopg.connect(place.environment["DATABASE_URL"], autocommit=True) as server:
                server.execute(f'DROP DATABASE "{old}" WITH (FORCE)')


def fill(site: Site) -> None:
    """One user, ten credits, and a video that took three of them."""
    owner = User.objects.create_user("owner@example.com")
    give(owner, 10)
    job = job_of(owner, JobState.QUEUED, reserved=4)
    hold(owner, 4, job_id=job.pk)
    ledger.finalize(job_id=job.pk, credits=3, at=NOW)
    make(job)
    Job.objects.filter(pk=job.pk).update(state=JobState.READY, cost=3, finished_at=NOW)
    deliver(job, FILM)
    ShareLink.objects.create(project=job.project, user=owner, token="s" * 32)


def deliver(job: Job, content: bytes) -> Asset:
    """Store a file of the job, and then its row."""
    sha256 = hashlib.sha256(content).hexdigest()
    name = storages["generated-assets"].save(f"{job.user_id}/{sha256[:2]}/{sha256}.mp4", ContentFile(content))
    return Asset.objects.create(
        job=job,
        kind="video",
        filename=f"{uuid.uuid4().hex[:6]}.mp4",
        storage_name=name,
        sha256=sha256,
        size_bytes=len(content),
    )


@contextlib.contextmanager
def _settings_of(place: Workplace) -> Iterator[None]:
    from django.conf import settings

    stored = {**storage_settings.storages(place.var), "staticfiles": settings.STORAGES["staticfiles"]}
    with override_settings(VAR_DIR=place.var, STORAGES=stored):
        yield
