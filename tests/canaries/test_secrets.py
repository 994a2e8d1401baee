"""S14: no secret of the site is told by a page, a log, a mail, a dump, an error tracker or the list of processes."""

from __future__ import annotations

import json
import os
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from psycopg import sql

from canvascast.env import ROOT, SECRETS, VARIABLES
from canvascast.operations.backups.tools import tools_for
from tests.canaries.values import Canaries, make_canaries
from tests.metrics.tracker import Tracker
from tests.wire.s3 import BUCKET, S3Server
from tests.wire.server import Call, Reply, WireServer, as_json
from tests.workers import wait_until
from tests.workplace import Workplace, opened_workplace

pytestmark = pytest.mark.goal("S14")

Command = tuple[tuple[str, ...], dict[str, str]]
"""A command's words, and what is set otherwise in its environment."""

SOUNDS_SECRET = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|DSN|_URL$|_HOST$")
# The id of a public key stands in every link that it is for.
NO_SECRETS = {"SITE_URL", "GOOGLE_OPENID_URL", "MEDIA_CDN_KEY_ID"}
# The tracker knows its own key: it is how it tells who sends.
ALLOWED = [("tracker", "SENTRY_DSN")]
# A link that S3 takes names the key that signed it; the key's secret is another.
NAMED_IN_LINKS = [("answers", "S3_ACCESS_KEY_ID")]
CDN_DOMAIN, CDN_KEY_ID = "films.example.net", "K2JCJMDEHXQW5F"
COMMANDS: dict[str, Command] = {
    " ".join(words): (words, {})
    for words in (
        ("doctor",),
        ("backup", "--to", "backups"),
        ("export_user", "owner@example.com", "--out", "owner.zip"),
        ("reconcile", "--deep"),
        ("sync_stripe",),
        ("prune", "--dry-run"),
        ("check", "--deploy"),
        ("ledger", "owner@example.com"),
        ("voices",),
    )
}


def test_every_variable_that_sounds_secret_has_a_canary():
    assert {name for name in VARIABLES if SOUNDS_SECRET.search(name)} - set(SECRETS) == NO_SECRETS


def test_log_line_of_a_bug_names_secrets_and_does_not_tell_them(tmp_path: Path):
    canaries, tracker = make_canaries(), Tracker()
    code = (
        "import django; django.setup()\n"
        "import logging; from canvascast import env\n"
        "for name in env.SECRETS:\n"
        "    try: raise ValueError(env.value(name))\n"
        "    except ValueError: logging.getLogger('library').exception('failed with %r', env.value(name))\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", code],
        env=_environment(canaries, tracker, "http://127.0.0.1:1", tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    tracker.close()

    assert (run.returncode, len(run.stderr.splitlines())) == (0, len(SECRETS)), run.stderr[-2000:]
    assert [name for name in SECRETS if f"[{name}]" not in run.stderr] == []
    assert canaries.found_in({"log": run.stderr, "tracker": tracker.text}, but=ALLOWED) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_secret_is_told_anywhere(tmp_path: Path):
    canaries, tracker, echo = make_canaries(), Tracker(), _Echo()
    with opened_workplace(tmp_path) as bare:
        more = _environment(canaries, tracker, echo.url, tmp_path, bare.environment["DATABASE_URL"])
        place = replace(bare, environment={**bare.environment, **more})
        texts = _walk(place, COMMANDS | {"doctor with a bucket": (("doctor",), {"S3_BUCKET": "canvascast"})})
        texts["dump"] = _text_of_dump(place)
    texts |= _told_outside(echo, tracker)

    _assert_walk_was_whole(texts, tmp_path)
    assert texts["dump"]
    assert tracker.events(at_least=2)
    assert [call for call in echo.calls if "chat" in call.path or "responses" in call.path], "no vendor was asked"
    assert canaries.found_in(texts, but=ALLOWED) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_secret_of_a_broker_in_trouble_or_of_signed_links_is_told(tmp_path: Path):
    canaries, private_key = _with_private_key(make_canaries())
    tracker, echo, parrot, s3 = Tracker(), _Echo(), _Parrot(), S3Server()
    password = canaries.values["BROKER_URL"]
    brokers = {
        "doctor, no broker": {"BROKER_URL": f"redis://:{password}@127.0.0.1:1/0"},
        "doctor, SQS": {"BROKER_URL": f"sqs://AKIACANVASCAST:{password}@eu-central-1", "AWS_ENDPOINT_URL": echo.url},
    }
    with opened_workplace(tmp_path) as bare:
        more = _environment(canaries, tracker, echo.url, tmp_path, bare.environment["DATABASE_URL"])
        more |= _bucket_behind_cdn(more, s3, private_key)
        more |= {"BROKER_URL": f"redis://:{password}@127.0.0.1:{parrot.server_address[1]}/0"}
        place = replace(bare, environment={**bare.environment, **more})
        texts = _walk(place, COMMANDS | {name: (("doctor",), broker) for name, broker in brokers.items()})
    texts |= _told_outside(echo, tracker) | {"bucket": "\n".join(map(str, s3.files.values()))}
    s3.close()
    parrot.close()

    _assert_walk_was_whole(texts, tmp_path)
    assert texts["bucket"]
    assert password in parrot.heard
    told = [
        *((log, "broker_unavailable") for log in ("log of the site", "log of the worker")),
        *((doctor, "redis does not answer") for doctor in ("doctor", "doctor, no broker")),
        ("doctor, SQS", "sqs does not answer"),
    ]
    assert [(name, words) for name, words in told if words not in texts[name]] == []
    links = (f"https://{CDN_DOMAIN}/generated-assets/", f"Key-Pair-Id={CDN_KEY_ID}", "X-Amz-Signature=")
    assert [link for link in links if link not in texts["answers"]] == []
    assert canaries.found_in(texts, but=[*ALLOWED, *NAMED_IN_LINKS]) == []


def _walk(place: Workplace, commands: Mapping[str, Command]) -> dict[str, str]:
    """Ask for everything, work, run the commands; return all that was told by that, by where it was."""
    with _list_of_processes() as arguments:
        visited = _visit(place)
        assert visited.returncode == 0, visited.stderr[-3000:]
        _work(place)
        ran = {
            name: replace(place, environment={**place.environment, **more}).run(*words)
            for name, (words, more) in commands.items()
        }
    return {
        "answers": (place.folder / "answers.txt").read_text(),
        "log of the site": visited.stderr,
        "log of the worker": (place.folder / "worker.log").read_text(),
        "processes": "\n".join(sorted(arguments)),
        "rows": "\n".join(_rows(place)),
        "files": "\n".join(_files(place.folder)),
        **{name: done.stdout + done.stderr for name, done in ran.items()},
    }


def _told_outside(echo: _Echo, tracker: Tracker) -> dict[str, str]:
    echo.close()
    tracker.close()
    return {
        "mails": "\n".join(call.body.decode(errors="replace") for call in echo.asked("/emails")),
        "tracker": tracker.text,
    }


def _assert_walk_was_whole(texts: Mapping[str, str], folder: Path) -> None:
    assert json.loads((folder / "visit.json").read_text())["answers"] >= 1_000
    told = ("answers", "log of the site", "log of the worker", "rows", "files", "mails", "tracker")
    assert [name for name in told if not texts[name]] == []


class _Echo(WireServer):
    """Every vendor at one address: it takes mails, and refuses everything else by repeating what it was sent."""

    def __init__(self) -> None:
        super().__init__({(method, ".*"): self._refuse for method in ("GET", "POST", "DELETE")})
        self.serve({("POST", "/emails"): lambda call, found: as_json({"id": "mail"})})

    @staticmethod
    def _refuse(call: Call, found: re.Match[str]) -> Reply:
        sent = " ".join([call.path, *(f"{name}: {text}" for name, text in call.headers.items())])
        words = {"message": f"Incorrect API key provided: {sent}", "code": sent, "type": sent, "status": sent}
        return as_json({"error": words, "detail": words}, 401, X_Echo=sent)


class _Parrot(socketserver.ThreadingTCPServer):
    """What answers in a Redis' place: with an error that repeats all it was told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RepeatsAll)
        self.heard = ""
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _RepeatsAll(socketserver.BaseRequestHandler):
    server: _Parrot

    def handle(self) -> None:
        with suppress(OSError):
            while told := self.request.recv(65_536):
                text = " ".join(told.decode("latin-1").split())
                self.server.heard += f"{text}\n"
                self.request.sendall(f"-ERR {text}\r\n".encode("latin-1"))


def _with_private_key(canaries: Canaries) -> tuple[Canaries, str]:
    """Return the canaries with a line of a real private key for the CDN's, and that key."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = key.private_bytes(*form).decode()
    return Canaries({**canaries.values, "MEDIA_CDN_PRIVATE_KEY": pem.splitlines()[5]}), pem


def _bucket_behind_cdn(environment: Mapping[str, str], s3: S3Server, private_key: str) -> dict[str, str]:
    gateway, _, _ = environment["S3_ENDPOINT_URL"].rpartition("@")
    return {
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT_URL": f"{gateway}@{urlsplit(s3.url).netloc}",
        "MEDIA_CDN_DOMAIN": CDN_DOMAIN,
        "MEDIA_CDN_KEY_ID": CDN_KEY_ID,
        "MEDIA_CDN_PRIVATE_KEY": private_key,
    }


def _environment(canaries: Canaries, tracker: Tracker, echo: str, folder: Path, database: str = "") -> dict[str, str]:
    key = canaries.values["SENTRY_DSN"]
    dsn = tracker.dsn.replace("public", key)
    return {
        **os.environ,
        **canaries.environment(echo=echo, tracker=dsn, database=database or os.environ["DATABASE_URL"]),
        "DJANGO_SETTINGS_MODULE": "tests.canaries.settings",
        "SITE_URL": "https://testserver",
        "MAIL_FROM": "CanvasCast <hello@example.com>",
        "ALLOWED_HOSTS": "testserver",
        "GOOGLE_CLIENT_ID": "canvascast",
        "GOOGLE_OPENID_URL": echo,
        # Where work is done, hints travel by the database: there is no Redis to tell.
        **({"BROKER_URL": ""} if database else {}),
        "CANVASCAST_VAR": str(folder / "var"),
    }


def _visit(place: Workplace) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.canaries.visit", str(place.folder)],
        env=place.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )


def _work(place: Workplace) -> None:
    """Let real workers fail at the vendors and send the mails that tell of it."""
    with (place.folder / "worker.log").open("w") as log:
        worker = place.start("worker", output=log.fileno())
        try:
            wait_until(
                lambda: (
                    place.query("SELECT count(*) FROM jobs WHERE state IN ('QUEUED', 'RUNNING')") == [(0,)]
                    and place.query("SELECT count(*) FROM notifications WHERE sent_at IS NOT NULL")[0][0] > 0
                ),
                seconds=60,
                what="the video that fails and its mail",
            )
        finally:
            worker.terminate()
            worker.wait(30)


def _rows(place: Workplace) -> Iterator[str]:
    for (table,) in place.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
        yield from (f"{table} {row}" for (row,) in place.query(query))


def _text_of_dump(place: Workplace) -> str:
    """In SQL, by the newest programs that there are: they read every older dump."""
    (dump,) = place.folder.glob("backups/*/database.dump")
    ((version,),) = place.query("SHOW server_version_num")
    program = tools_for(int(version) // 10_000).folder / "pg_restore"
    return subprocess.run([program, "-f", "-", dump], capture_output=True, text=True, check=True).stdout


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("worker.log", "answers.txt"):
            yield f"{path.name} {path.read_bytes().decode('latin-1')}"


@contextmanager
def _list_of_processes() -> Iterator[set[str]]:
    """Collect the command lines of all that this process starts, as everybody on the machine can read them."""
    seen: set[str] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.02):
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    seen.add(" ".join(child.cmdline()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()
