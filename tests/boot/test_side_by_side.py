"""The code before and this code at once, for real: tables migrated under an old worker, then both at work on them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from canvascast.env import ROOT
from canvascast.expansion import BASELINE, read_baseline
from tests.boot.conftest import EmptyDatabase
from tests.workers import running_worker, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# The last commit with the tables that ops/migrations-baseline.txt begins from; every migration since may only add.
BEFORE = "34692bb3e0b33f117c1efb82eb183b672af7f91d"  # pragma: allowlist secret
SETTINGS = "tests.engine.settings_trivial"
ORDER = """
import sys
import django
django.setup()
from django.test import Client
from django.utils import timezone
from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source

user, is_new = User.objects.get_or_create(email="ada@example.com")
if is_new:
    ledger.grant(user_id=user.pk, credits=1000, source=Source.GIFT, reason="", key="ada", at=timezone.now())
secret = create_key(user=user, name="n", at=timezone.now())[1]
body = {"promptText": sys.argv[1], "nichePreset": "facts", "targetMinutes": 1}
answer = Client(headers={"Authorization": f"Bearer {secret}"}).post("/api/v1/projects", body, "application/json")
print(answer.json()["jobId"])
"""
LOOK = """
import json, sys
import django
django.setup()
from django.test import Client
from apps.accounts.models import User
from apps.pipeline.models import Job

client = Client()
client.force_login(User.objects.get(email="ada@example.com"))
addresses = ["/app", "/app/credits", "/app/new"]
for job in Job.objects.all():
    about = f"/api/v1/jobs/{job.pk}"
    addresses += [f"/api/v1/projects/{job.project_id}", f"{about}/status", f"{about}/assets"]
print(json.dumps({address: client.get(address).status_code for address in addresses}))
"""


@dataclass(frozen=True)
class Version:
    """A checkout of the code, with the database and the files that it shares with others."""

    root: Path
    database: EmptyDatabase
    files: Path

    def run(self, *arguments: str) -> str:
        """Run Python in the checkout; return what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=280,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database.url,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "CANVASCAST_VAR": str(self.files),
            "WORKER_PROCESSES": "2",
        }

    def migrate(self) -> None:
        self.run("manage.py", "migrate", "--verbosity", "0")

    def order(self, prompt: str) -> str:
        """Order a video as a program does; return the job's id."""
        return self.run("-c", ORDER, prompt).strip().splitlines()[-1]

    def pages(self) -> dict[str, int]:
        """Look at every video; return what each address answered."""
        answered: dict[str, int] = json.loads(self.run("-c", LOOK).strip().splitlines()[-1])
        return answered

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.database.url) as connection:
            return connection.execute(sql, parameters).fetchall()

    def worker(self, folder: Path):
        folder.mkdir()
        environment = {name: value for name, value in self.environment.items() if name != "DJANGO_SETTINGS_MODULE"}
        return running_worker(folder, SETTINGS, queues="steps,quick", root=self.root, **environment)


@pytest.fixture(scope="module")
def checkout_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    git = ["git", "-C", str(ROOT)]
    try:
        archive = subprocess.run([*git, "archive", BEFORE], capture_output=True, check=True, timeout=120).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"Commit {BEFORE[:7]} is not here: this is no git checkout, or one without its whole history.")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture
def versions(checkout_before: Path, empty_database: EmptyDatabase, tmp_path: Path) -> Iterator[tuple[Version, Version]]:
    """The code before and this one; the tables are those of the one before."""
    before, now = (Version(root, empty_database, tmp_path / "var") for root in (checkout_before, ROOT))
    before.migrate()
    return before, now


def test_code_before_has_the_tables_of_the_baseline(checkout_before):
    last = read_baseline(BASELINE.read_text()).last

    folders = [*checkout_before.glob("apps/*/migrations"), *checkout_before.glob("canvascast/*/migrations")]
    assert {folder.parent.name: max(folder.glob("0*.py")).stem for folder in folders} == last


def test_migrating_and_deploying_under_a_running_site_loses_and_repeats_nothing(versions, tmp_path):
    before, now = versions
    with before.worker(tmp_path / "before") as old, now.worker(tmp_path / "now") as new:
        # New code without its tables, old code with a video in hand, then the tables are migrated under both.
        first, in_hand = before.order("one two three"), before.order(long("hand"))
        wait_until(lambda: has_begun(before, in_hand), seconds=120, what="work in hand")
        now.migrate()
        jobs = [first, in_hand]
        for number in range(3):
            jobs += [before.order(long(f"old{number}")), now.order(long(f"new{number}"))]
        wait_until(lambda: states(now, jobs) == {"READY"}, seconds=240, what="all videos")
        assert makers(now, jobs) == {str(old.pid), str(new.pid)}

    assert set(before.pages().values()) == set(now.pages().values()) == {200}
    assert odd_attempts(now) == []
    assert "agree" in before.run("manage.py", "reconcile", "--deep")
    assert "agree" in now.run("manage.py", "reconcile", "--deep")


@pytest.mark.parametrize("is_back", [False, True], ids=["forth", "back"])
def test_video_in_hand_is_taken_over_by_the_other_version(versions, tmp_path, is_back):
    before, now = versions
    now.migrate()
    leaving, staying = (now, before) if is_back else (before, now)
    with leaving.worker(tmp_path / "leaving") as left:
        job = leaving.order(long("hand"))
        wait_until(lambda: has_begun(now, job), seconds=120, what="work in hand")

    with staying.worker(tmp_path / "staying") as stayed:
        wait_until(lambda: states(now, [job]) == {"READY"}, seconds=120, what="the video")

    assert makers(now, [job]) == {str(left.pid), str(stayed.pid)}
    assert "agree" in now.run("manage.py", "reconcile", "--deep")


def long(name: str) -> str:
    """Return a prompt whose words take two seconds each, and are no other prompt's: made once, they would be reused."""
    return " ".join(f"SLOW{name}{number}" for number in range(6))


def has_begun(version: Version, job: str) -> bool:
    """Tell whether what takes long in the video was begun."""
    begun = "SELECT 1 FROM job_steps WHERE job_id = %s AND step = 'voice' AND started_at IS NOT NULL"
    return bool(version.query(begun, job))


def states(version: Version, jobs: list[str]) -> set[str]:
    return {state for (state,) in version.query("SELECT state FROM jobs WHERE id::text = ANY(%s)", jobs)}


def makers(version: Version, jobs: list[str]) -> set[str]:
    """Return the pids of the worker services that made something of the videos; their names are host:pid:queue/pid."""
    found = version.query(
        "SELECT DISTINCT split_part(a.worker, ':', 2) FROM job_step_attempts a "
        "JOIN job_steps s ON s.id = a.job_step_id WHERE s.job_id::text = ANY(%s) AND a.outcome = 'DONE'",
        jobs,
    )
    return {pid for (pid,) in found}


def odd_attempts(version: Version) -> list[tuple]:
    """Return what was begun and not finished, or begun again."""
    return version.query(
        "SELECT outcome, error_code, detail FROM job_step_attempts WHERE outcome <> 'DONE' OR fence > 1"
    )
