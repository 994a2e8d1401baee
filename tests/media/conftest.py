"""An S3 server on loopback, and the trivial pipeline with all files on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from django.utils import timezone
from moto.server import ThreadedMotoServer

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from canvascast.settings.storage import storages

BUCKET = "canvascast-tests"
ENVIRONMENT = {
    "S3_BUCKET": BUCKET,
    "S3_REGION": "eu-central-1",
    "S3_ACCESS_KEY_ID": "testing",
    "S3_SECRET_ACCESS_KEY": "testing",  # pragma: allowlist secret
}


@dataclass(frozen=True)
class Bucket:
    address: str

    def names(self) -> list[str]:
        return sorted(item.key for item in self._resource().objects.all())

    def delete(self, *names: str) -> None:
        for name in names:
            self._resource().Object(name).delete()

    def empty(self) -> None:
        self._resource().objects.all().delete()

    def create(self) -> None:
        """All servers of one test process share their buckets, so it may be there."""
        resource = self._resource()
        with suppress(resource.meta.client.exceptions.BucketAlreadyOwnedByYou):
            resource.create(CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def _resource(self):
        return boto3.Session("testing", "testing").resource("s3", endpoint_url=self.address).Bucket(BUCKET)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Bucket]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    bucket = Bucket(f"http://{host}:{port}")
    bucket.create()
    yield bucket
    server.stop()


@pytest.fixture
def bucket(s3_server: Bucket, settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bucket:
    """All storages in an empty bucket."""
    for name, value in {**ENVIRONMENT, "S3_ENDPOINT_URL": s3_server.address}.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = {**storages(tmp_path), "staticfiles": settings.STORAGES["staticfiles"]}
    s3_server.empty()
    return s3_server


@pytest.fixture
def folders(settings, tmp_path: Path) -> Path:
    """All storages in folders of this test."""
    settings.STORAGES = {**storages(tmp_path), "staticfiles": settings.STORAGES["staticfiles"]}
    return tmp_path / "storage"


@pytest.fixture
def trivial(settings, tmp_path: Path) -> None:
    """The trivial pipeline instead of the product's."""
    settings.PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
    settings.SCRATCH_DIR = tmp_path / "scratch"


@pytest.fixture
def owner(db) -> User:
    user = User.objects.create_user("owner@example.com")
    ledger.grant(user_id=user.pk, credits=100, source=Source.GIFT, reason="", key="owner", at=timezone.now())
    return user


@pytest.fixture
def stranger(db) -> User:
    return User.objects.create_user("stranger@example.com")
