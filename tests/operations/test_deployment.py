"""The files with which it is run for others: of the right shape, and in step with the program that they start."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from canvascast.env import ROOT, VARIABLES
from ops import ask_site
from tests.operations.dockerignore import is_left_out, patterns

UNITS = ROOT / "ops" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
WORKERS = {name: service for name, service in OURS.items() if name.startswith("worker-")}
_MORE_VOLUMES = {"backup": ["backups:/var/backups/canvascast"]}
GRACE_AND_GIVING_BACK = 10 + 8


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units as they are installed, with the program where it is here."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    (folder / "canvascast-worker@steps.service").symlink_to("canvascast-worker@.service")
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.write_text(path.read_text().replace("/opt/canvascast", str(ROOT)))
    return folder


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{folder}:"},
        capture_output=True,
        text=True,
        check=False,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".service", ".timer"))


def test_systemd_finds_nothing_wrong_with_the_units(installed: Path):
    found = analyze(installed, "verify", "--man=no", *names(installed))

    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_systemd_would_find_a_wrong_setting_in_what_all_units_share(installed: Path):
    shared = installed / "canvascast-.service.d" / "10-common.conf"
    shared.write_text(shared.read_text().replace("KillMode=mixed", "KillMode=gently"))

    assert "gently" in analyze(installed, "verify", "--man=no", "canvascast-web.service").stderr


def test_units_are_exposed_to_little(installed: Path):
    """Of ten; what is left is the network, and memory that may be written and run."""
    services = [name for name in names(installed) if name.endswith(".service") and "@." not in name]
    for name in services:
        judged = analyze(installed, "security", "--offline=true", "--threshold=20", "--no-pager", name)

        assert judged.returncode == 0, judged.stdout[-2000:]


def unit(name: str) -> configparser.ConfigParser:
    """Read a unit; of a setting that is given twice, the last."""
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    read.optionxform = str  # type: ignore[assignment, method-assign]  # names of settings have capitals
    read.read(UNITS / name)
    return read


def test_worker_has_time_to_drain_and_comes_back_whatever_ended_it():
    shared, worker = unit("canvascast-.service.d/10-common.conf")["Service"], unit("canvascast-worker@.service")

    assert shared["KillMode"] == "mixed"
    assert int(shared["TimeoutStopSec"]) > GRACE_AND_GIVING_BACK
    assert worker["Service"]["Restart"] == "always"
    assert worker["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("name", SERVICES)
def test_commands_of_the_units_exist(name: str):
    for line in re.findall(r"^ExecStart=(.+)$", (UNITS / name).read_text(), re.MULTILINE):
        require_command(shlex.split(line.replace("%i", "steps").replace("$WORKER_ARGUMENTS", "--concurrency 4"))[1:])


def test_shipped_backups_keep_what_the_privacy_page_says():
    texts = [path.read_text() for path in UNITS.glob("*.service")] + [
        " ".join(COMPOSE["services"]["backup"]["command"])
    ]
    taken = [line for text in texts for line in re.split(r"[;\n]", text) if "--keep" in line]

    assert [line.split("--keep")[1] for line in taken] == ["", ""]


def require_command(words: list[str]) -> None:
    """Have the command read its arguments, which refuses those that it does not know."""
    if words[0] != "manage.py":
        return
    command = load_command_class(get_commands()[words[1]], words[1])
    command.create_parser("manage.py", words[1]).parse_args(words[2:])


def test_every_timer_has_its_service():
    assert {path.stem for path in UNITS.glob("*.timer")} <= {Path(name).stem for name in SERVICES}


@pytest.mark.parametrize("name", OURS)
def test_containers_run_with_as_little_as_they_can(name: str):
    service = OURS[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["files:/var/lib/canvascast", *_MORE_VOLUMES.get(name, ())]


@pytest.mark.parametrize("name", OURS)
def test_commands_of_the_containers_exist(name: str):
    service = OURS[name]
    for command in (service.get("command", []), service.get("healthcheck", {}).get("test", [])[1:]):
        words = [re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", word) for word in command]
        if words:
            require_command(words[1:])


def test_containers_together_serve_every_queue_that_they_set_up(settings):
    served = [re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", worker["command"][-1]) for worker in WORKERS.values()]

    assert sorted(served) == ["quick", "render", "steps"]
    assert OURS["web"]["environment"]["RENDER_PROCESSES"] == "${RENDER_PROCESSES:-2}"


@pytest.mark.parametrize("name", WORKERS)
def test_worker_containers_have_time_to_drain_and_wait_for_the_tables(name: str):
    worker = WORKERS[name]

    assert int(worker["stop_grace_period"].removesuffix("s")) > GRACE_AND_GIVING_BACK
    assert worker["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert worker["healthcheck"]["test"][4:6] == ["--health", "--here"]
    assert worker["healthcheck"]["test"][-1] == worker["command"][-1]


def test_what_containers_refer_to_is_declared():
    volumes = {mount.split(":")[0] for service in COMPOSE["services"].values() for mount in service.get("volumes", [])}
    needed = {other for service in COMPOSE["services"].values() for other in service.get("depends_on", {})}
    variables = {name for service in OURS.values() for name in service["environment"]}

    assert volumes == set(COMPOSE["volumes"])
    assert needed <= set(COMPOSE["services"])
    assert variables <= set(VARIABLES)


def test_settings_of_the_program_are_asked_for_in_one_file_alone():
    """What Compose takes from `.env` reaches the program, or has a name that the program does not read."""
    taken = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))

    assert {"POSTGRES_PASSWORD", "RENDER_PROCESSES"} <= taken
    for service in OURS.values():
        assert taken & set(VARIABLES) <= set(service["environment"])


def test_images_are_the_program_and_its_database():
    assert sorted(name for name in COMPOSE["services"] if name not in OURS) == ["postgres"]


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions in order, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in text.splitlines()) if word.isupper()]


def test_image_runs_as_nobody_in_particular_under_an_init_with_a_health_check():
    last = dict(instructions())

    assert last["USER"] == "canvascast"
    assert last["ENTRYPOINT"] == '["tini", "--"]'
    assert last["HEALTHCHECK"].endswith('CMD ["python", "ops/ask_site.py", "/health"]')
    assert last["STOPSIGNAL"] == "SIGTERM"


def test_image_is_made_of_files_that_exist_and_are_not_left_out():
    copies = [rest.split()[:-1] for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    needed = [
        "manage.py",
        "apps",
        "canvascast",
        "templates",
        "static",
        "ops/web.sh",
        "ops/ask_site.py",
        *chain(*copies),
    ]

    assert [name for name in needed if not (ROOT / name).exists()] == []
    assert [name for name in needed if is_left_out(name, patterns())] == []
    unwanted = [".env", ".git/config", "var/postgres", ".venv/bin/python", "tests/conftest.py"]
    assert [name for name in unwanted if not is_left_out(name, patterns())] == []


def test_python_of_the_image_is_one_that_the_program_supports():
    images = {rest.split()[0] for word, rest in instructions() if word == "FROM"}

    assert images == {"python:3.11-slim-bookworm"}


@pytest.fixture
def site(monkeypatch) -> Iterator[list[tuple[int, bytes, str]]]:
    """A site on a port of its own that answers what the test puts first, and notes by what name it was asked."""
    answers: list[tuple[int, bytes, str]] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body, name = answers[0]
            matches = self.path in ("/ready", "/health") and self.headers["Host"] == name
            self.send_response(status if matches else 400)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PORT", str(server.server_port))
        yield answers
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "status", "body", "told", "code"),
    [
        ("/health", 200, b'{"status": "ok", "uptime": 7}', "", 0),
        ("/ready", 200, b'{"ready": true, "checks": {"database": true}}', "", 0),
        ("/ready", 503, b'{"ready": false, "checks": {"database": true, "queue": false}}', "not ready: queue\n", 1),
        ("/health", 500, b"<h1>Something went wrong</h1>", "no answer: ", 1),
    ],
)
def test_health_check_of_the_image_asks_the_site_by_its_own_name(
    site, monkeypatch, capsys, path: str, status: int, body: bytes, told: str, code: int
):
    monkeypatch.setenv("ALLOWED_HOSTS", ".example.com, other.example")
    site.append((status, body, "example.com"))

    assert ask_site.main(path) == code
    assert capsys.readouterr().err.startswith(told)


def test_health_check_fails_where_nothing_listens(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "1")

    assert ask_site.main("/health") == 1
    assert capsys.readouterr().err.startswith("no answer: ")
