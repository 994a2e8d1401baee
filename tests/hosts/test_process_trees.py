"""The short form: two worker services with folders of their own, and files in a bucket; no network between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.pipeline.models import Job, JobStep, StepAttempt
from canvascast.settings.storage import storages
from tests.engine.conftest import start
from tests.hosts.conftest import s3_server
from tests.hosts.hosts import Host, opened_hosts, wait_for
from tests.workers import test_database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("hosts"), pytest.mark.small]


@pytest.fixture
def hosts(trivial, settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Host]]:
    """A left and a right host, and this process as the web host."""
    settings.PIPELINE_STEPS = "tests.hosts.steps.TRIVIAL_TURN_ABOUT"
    settings.QUEUES = {**settings.QUEUES, "left": 1, "right": 1}
    with s3_server("127.0.0.1") as bucket:
        for name, value in bucket.items():
            monkeypatch.setenv(name, value)
        settings.STORAGES = {**storages(tmp_path), "staticfiles": settings.STORAGES["staticfiles"]}
        shared = {"DATABASE_URL": test_database_url(), "HOSTS_STEPS": "TRIVIAL_TURN_ABOUT"}
        with opened_hosts(("left", "right"), tmp_path, shared, {}) as lent:
            yield lent


def test_each_step_is_made_by_another_process_tree_than_the_step_before(hosts, owner, scenario):
    with scenario("hosts", "each step in another process tree", size="small"):
        job = start(owner, "one two")
        for name, host in hosts.items():
            host.start_bare_worker(name)
        wait_for(lambda: ended(job), seconds=40, what="the end", hosts=list(hosts.values()))

    makers = {row.job_step.step: maker(hosts, row.worker) for row in StepAttempt.objects.filter(outcome="DONE")}
    assert (job.state, makers) == ("READY", {"script": "left", "voice": "right", "package": "left"})
    assert StepAttempt.objects.count() == JobStep.objects.filter(job=job).count()


def ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.is_finished


def maker(hosts: dict[str, Host], worker: str) -> str:
    return next(name for name, host in hosts.items() if host.made(worker))
