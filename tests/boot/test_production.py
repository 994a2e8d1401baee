"""The units' own commands, on an empty database with production's settings: from nothing to a site that is ready."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from canvascast.env import ROOT
from tests.boot.conftest import EmptyDatabase
from tests.workers import free_port, is_left, wait_until

UNITS = ROOT / "ops" / "systemd"
GUIDES = ("deploy.md", "production.md")


@pytest.fixture
def environment(empty_database: EmptyDatabase, tmp_path: Path) -> dict[str, str]:
    """What `/etc/canvascast/env` says, in a file of the test's, and nothing of what the tests themselves are set to."""
    said = {
        "DATABASE_URL": empty_database.url,
        "SECRET_KEY": "x" * 60,
        "MAILBOX_HMAC_KEY": "y" * 60,
        "ALLOWED_HOSTS": "canvascast.example.com",
        "SITE_URL": "https://canvascast.example.com",
        "RESEND_API_KEY": "re_1",  # pragma: allowlist secret
        "MAIL_FROM": "CanvasCast <hello@canvascast.example.com>",
        "CANVASCAST_VAR": str(tmp_path / "var"),
        "DISK_FLOOR_BYTES": "1",
    }
    file = tmp_path / "env"
    file.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in said.items()))
    settings = {"DJANGO_SETTINGS_MODULE": "canvascast.settings.production", "PORT": str(free_port())}
    user = {"CANVASCAST_ENVIRONMENT": str(file), "CANVASCAST_USER": "root"}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **said, **settings, **user}


def commands(unit: str, instance: str, environment: dict[str, str]) -> list[list[str]]:
    """Return what systemd would run for the unit, here and on this test's port."""
    text = (UNITS / unit).read_text().replace("/opt/canvascast", str(ROOT)).replace("%i", instance)
    text = text.replace("$WORKER_ARGUMENTS", "--concurrency 1").replace(":8000", f":{environment['PORT']}")
    return [shlex.split(line) for line in re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)]


@contextmanager
def running(unit: str, instance: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    [command] = commands(unit, instance, environment)
    with log.open("ab") as stream:
        service = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)
    try:
        yield service
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(30)


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "ops" / "manage"), *arguments], env=environment, capture_output=True, text=True, check=False
    )


def is_ready(environment: dict[str, str]) -> bool:
    asked = [str(ROOT / ".venv" / "bin" / "python"), "ops/ask_site.py", "/ready"]
    return subprocess.run(asked, cwd=ROOT, env=environment, check=False, capture_output=True).returncode == 0


@pytest.mark.slow  # starts Python twice
@pytest.mark.parametrize("missing", ["MAIL_FROM", "RESEND_API_KEY"])
def test_site_whose_mail_cannot_work_does_not_start(environment: dict[str, str], missing: str):
    file = Path(environment["CANVASCAST_ENVIRONMENT"])
    kept = [line for line in file.read_text().splitlines() if not line.startswith(f"{missing}=")]
    file.write_text("\n".join(kept) + "\n")
    del environment[missing]

    started = manage(environment, "check")

    assert started.returncode != 0
    assert f"Set {missing}" in started.stderr


@pytest.mark.slow  # starts a whole site, and makes a film
@pytest.mark.timeout(600)
def test_commands_of_the_units_lead_from_an_empty_database_to_a_film(environment: dict[str, str], tmp_path: Path):
    [migrate] = commands("canvascast-migrate.service", "", environment)
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert manage(environment, "collectstatic", "--noinput").returncode == 0
    with ExitStack() as services:
        log = tmp_path / "services.log"
        started = [services.enter_context(running("canvascast-web.service", "", environment, log))]
        assert not is_ready(environment)
        for queue in ("steps", "quick"):
            started.append(services.enter_context(running("canvascast-worker@.service", queue, environment, log)))
        wait_until(lambda: is_ready(environment), seconds=180, what=f"the site; {log.read_text()[-2000:]}")
        below = [child for service in started for child in psutil.Process(service.pid).children(recursive=True)]

        film, script = tmp_path / "cats.mp4", tmp_path / "cats.txt"
        script.write_text(
            "Cats purr when they are content. They also purr when they are hurt, and it may help them heal."
        )
        made = manage(environment, "make_video", "--script", str(script), "--out", str(film))
        assert (made.returncode, film.exists()) == (0, True), made.stderr[-2000:]
        assert manage(environment, "worker", "--health", "--here").returncode == 0

    assert [service.returncode for service in started] == [0, 0, 0]
    assert psutil.wait_procs([process for process in below if is_left(process)], timeout=5)[1] == []
    assert manage(environment, "worker", "--health").returncode == 1


def text_of(guide: str) -> str:
    return (ROOT / "docs" / guide).read_text()


@pytest.mark.parametrize("name", GUIDES)
def test_guide_names_only_what_there_is(name: str):
    guide = text_of(name)
    units = {re.sub(r"@\w+\.", "@.", name) for name in re.findall(r"canvascast-[a-z]+@?\w*\.(?:service|timer)", guide)}
    shipped = {path.name for path in UNITS.iterdir()}
    ours = re.findall(r"\b(?:ops|docs|canvascast)/[a-z_./-]+\.(?:py|txt|sh|conf|md)\b", guide)

    assert len(units) >= 5
    assert units - shipped == set()
    assert [name for name in ours if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("name", "some"),
    [("deploy.md", {"doctor", "make_staff", "make_video", "collectstatic", "smoke"}), ("production.md", {"restore"})],
)
def test_commands_of_the_guide_are_ones_that_the_program_has(name: str, some: set[str]):
    from tests.operations.test_deployment import require_command

    lines = re.findall(r"(?:ops/manage|python manage\.py) (.+?)(?: && \\)?(?: +#.*)?$", text_of(name), re.MULTILINE)
    words = [shlex.split(line) for line in lines if "`" not in line]

    assert {command[0] for command in words} >= some
    for command in words:
        require_command(["manage.py", *command])


@pytest.mark.parametrize("name", GUIDES)
def test_commands_of_the_guide_are_whole(name: str):
    """As a shell reads them, with each file that they write to its end."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text_of(name), re.MULTILINE | re.DOTALL)

    assert len(blocks) >= 4
    for block in blocks:
        read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
        assert (read.returncode, read.stderr) == (0, ""), block


def test_nginx_of_the_guide_keeps_no_log_of_people_and_takes_films_off_the_site_s_hands():
    servers = re.findall(r"^server \{\n(.*?)^\}$", text_of("deploy.md"), re.MULTILINE | re.DOTALL)

    assert len(servers) == 2
    for server in servers:
        assert "    access_log off;\n    error_log /var/log/nginx/error.log crit;\n" in server
        assert "proxy_buffering off" not in server


def test_services_that_the_guide_stops_in_containers_are_all_that_write():
    from tests.operations.test_deployment import WORKERS

    (stopped,) = re.findall(r"^docker compose stop (.+)$", text_of("production.md"), re.MULTILINE)

    assert set(stopped.split()) == {"web", *WORKERS}
