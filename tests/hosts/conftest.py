"""Two worker hosts and a web host on a network of the test's own, with a PostgreSQL and an S3 server between them."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.engine.conftest import owner, trivial  # noqa: F401 - fixtures
from tests.hosts.database import tcp_database
from tests.hosts.hosts import Host, Site, opened_hosts
from tests.hosts.network import COMMON_GROUND, SUBNET, Cable, NotPermitted, network

HOSTS = ("web", "left", "right")
BUCKET = {
    "S3_BUCKET": "canvascast-hosts",
    "S3_REGION": "eu-central-1",
    "S3_ACCESS_KEY_ID": "testing",
    "S3_SECRET_ACCESS_KEY": "testing",  # pragma: allowlist secret
}
OpenSite = Callable[..., contextlib.AbstractContextManager[Site]]


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for every test, but for the addresses of this run's own hosts."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        is_own = host in ("127.0.0.1", "::1", "localhost") or host.startswith(f"{SUBNET}.")
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_own:
            raise PermissionError(f"tests open no socket beyond their own hosts, not to {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="module")
def cables() -> Iterator[dict[str, Cable]]:
    try:
        with network(HOSTS) as laid:
            yield laid
    except NotPermitted as error:
        pytest.skip(f"This machine makes no network namespaces: {error}")


@pytest.fixture(scope="module")
def open_site(cables: dict[str, Cable], tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSite]:
    """Return what opens the three hosts with the pipeline of that name, and more of the environment by name."""
    folder = tmp_path_factory.mktemp("hosts")
    with tcp_database(folder / "postgres", COMMON_GROUND) as url, s3_server(COMMON_GROUND) as bucket:
        shared = {"DATABASE_URL": url, **bucket, "HOSTS_STEPS": "TRIVIAL"}
        Host("web", folder, shared, cables["web"]).run(sys.executable, "manage.py", "migrate", "--verbosity", "0")

        @contextlib.contextmanager
        def opened(steps: str, **more: str) -> Iterator[Site]:
            place = tmp_path_factory.mktemp(steps.lower())
            with opened_hosts(HOSTS, place, {**shared, **more, "HOSTS_STEPS": steps}, cables) as hosts:
                yield Site(hosts, url)

        yield opened


@contextlib.contextmanager
def s3_server(address: str) -> Iterator[dict[str, str]]:
    """Run an S3 server with an empty bucket; yield the settings that name it."""
    server = ThreadedMotoServer(ip_address=address, port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    resource = boto3.Session("testing", "testing", region_name="eu-central-1").resource("s3", endpoint_url=endpoint)
    bucket = resource.Bucket(BUCKET["S3_BUCKET"])
    with contextlib.suppress(resource.meta.client.exceptions.BucketAlreadyOwnedByYou):
        bucket.create(CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    bucket.objects.all().delete()
    try:
        yield {**BUCKET, "S3_ENDPOINT_URL": endpoint}
    finally:
        server.stop()


def started_by(host: Host, prompt: str) -> str:
    """Order a video of the trivial pipeline on that host; return the job's id."""
    return host.run(sys.executable, "-m", "tests.hosts.start", prompt).strip()
