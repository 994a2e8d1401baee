"""What probes are told."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.models import WorkerBeat
from canvascast.health import checks
from canvascast.storages import DurableStorage

OUTSIDE = {"REMOTE_ADDR": "203.0.113.9"}
WELL = {"database": True, "migrations": True, "storage": True, "queue": True, "disk": True}


@pytest.fixture
def no_database():
    """The database is out of reach of every thread that connects from now on."""
    connection.close()
    reachable = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1", OPTIONS={})
    yield
    connection.close()
    connection.settings_dict.update(reachable)


def test_health_says_ok_and_for_how_long(client):
    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.json().keys() == {"status", "uptime"}
    assert answer.json()["status"] == "ok"
    assert isinstance(answer.json()["uptime"], int)
    assert "no-store" in answer["Cache-Control"]


def test_health_asks_the_database_nothing_even_in_a_session(client, transactional_db, well, django_assert_num_queries):
    client.force_login(User.objects.create_user("owner@example.com"))

    with django_assert_num_queries(0):
        assert client.get("/health").status_code == 200


def test_ready_when_all_is_well(client, well):
    answer = client.get("/ready", **OUTSIDE)

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": WELL})


def unready(client) -> list[str]:
    """Return the checks that failed, as anybody is told."""
    answer = client.get("/ready", **OUTSIDE)
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json().keys() == {"ready", "checks"}
    return [name for name, ok in answer.json()["checks"].items() if not ok]


def test_storage_that_cannot_be_written_is_not_ready(client, well):
    well.mkdir(parents=True, exist_ok=True)
    (well / "temp-processing").write_text("a file where the folder should be")

    assert unready(client) == ["storage"]


def test_storage_that_gives_back_something_else_is_not_ready(client, well, monkeypatch):
    from django.core.files.base import ContentFile

    monkeypatch.setattr(DurableStorage, "_open", lambda self, name, mode="rb": ContentFile(b"else"))

    assert unready(client) == ["storage"]


@pytest.mark.parametrize("queue", ["steps", "quick"])
def test_queue_whose_worker_stopped_is_not_ready(client, well, queue):
    WorkerBeat.objects.filter(queue=queue).update(seen_at=timezone.now() - timedelta(seconds=11))

    assert unready(client) == ["queue"]


def test_pending_migration_is_not_ready(client, well):
    recorder = MigrationRecorder(connection)
    newest = MigrationLoader(connection).graph.leaf_nodes("notifications")[0]
    recorder.record_unapplied(*newest)
    try:
        assert unready(client) == ["migrations"]
    finally:
        recorder.record_applied(*newest)


def test_disk_below_its_floor_is_not_ready(client, well, settings):
    settings.DISK_FLOOR_BYTES = shutil.disk_usage(settings.VAR_DIR).total + 1

    assert unready(client) == ["disk"]


def test_database_out_of_reach_is_not_ready_and_health_still_ok(client, well, request):
    request.getfixturevalue("no_database")

    assert unready(client) == ["database", "migrations", "queue"]
    assert client.get("/health").status_code == 200


def test_probe_with_a_session_is_answered_while_the_database_is_down(client, transactional_db, well, request):
    client.force_login(User.objects.create_superuser("staff@example.com"))
    request.getfixturevalue("no_database")

    assert client.get("/health", **OUTSIDE).status_code == 200
    assert unready(client) == ["database", "migrations", "queue"]


def test_check_that_hangs_is_given_up(client, well, monkeypatch):
    import threading

    hung = threading.Event()
    monkeypatch.setattr(checks.Disk, "run", lambda self: hung.wait(30))
    monkeypatch.setattr(checks.Disk, "timeout", timedelta(seconds=-0.9))

    try:
        assert unready(client) == ["disk"]
    finally:
        hung.set()


@pytest.mark.parametrize(
    ("address", "headers", "is_told"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("203.0.113.9", {}, False),
        ("", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, False),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, False),
        ("203.0.113.9", {"X-Forwarded-For": "127.0.0.1"}, False),
    ],
)
def test_reasons_are_told_to_this_machine_only(client, well, address, headers, is_told):
    answer = client.get("/ready", headers=headers, REMOTE_ADDR=address).json()

    assert ("details" in answer) is is_told


def test_staff_are_told_the_reasons(client, transactional_db, well, settings):
    settings.DISK_FLOOR_BYTES = 2**62
    client.force_login(User.objects.create_superuser("staff@example.com"))

    details = client.get("/ready", **OUTSIDE).json()["details"]

    assert details["queue"]["text"] == "OK"
    assert details["disk"]["text"].endswith(f" bytes are free, fewer than {2**62}.")
    assert details["disk"].keys() == {"ok", "text", "milliseconds"}


def test_services_of_every_queue_are_told_with_their_age(client, well, settings):
    settings.QUEUES = {**settings.QUEUES, "render": 1}
    WorkerBeat.objects.filter(queue="quick").update(
        host="host-b", processes=2, is_draining=True, seen_at=timezone.now() - timedelta(seconds=12)
    )

    told = client.get("/ready").json()

    assert told["checks"]["queue"] is False
    assert told["details"]["queue"]["text"] == "Unavailable: No worker is alive for: quick, render."
    assert told["services"].keys() == {"steps", "quick", "render"}
    assert told["services"]["render"] == []
    [quick], [steps] = told["services"]["quick"], told["services"]["steps"]
    assert 12 <= quick.pop("seconds") < 30
    assert quick == {"name": "worker:quick", "host": "host-b", "processes": 2, "draining": True, "work": []}
    assert steps["seconds"] < 10


def test_service_that_drains_serves_no_queue(client, well):
    WorkerBeat.objects.filter(queue="steps").update(is_draining=True)

    assert unready(client) == ["queue"]


def test_services_are_not_told_while_the_database_is_down(client, well, request):
    request.getfixturevalue("no_database")

    assert client.get("/ready").json()["services"] is None


def test_customer_is_told_no_reasons(client, transactional_db, well):
    client.force_login(User.objects.create_user("owner@example.com"))

    assert "details" not in client.get("/ready", **OUTSIDE).json()


def test_storage_is_looked_at_once_for_many_probes(client, well, monkeypatch):
    written: list[str] = []
    save = DurableStorage._save
    monkeypatch.setattr(
        DurableStorage, "_save", lambda self, name, content: written.append(name) or save(self, name, content)
    )

    for _ in range(3):
        assert client.get("/ready").status_code == 200

    assert len(written) == 1


def test_check_leaves_no_file_behind(client, well):
    client.get("/ready")

    assert [path for path in (well / "temp-processing").rglob("*") if path.is_file()] == []
    assert storages["temp-processing"].listdir("health_check_storage_test") == ([], [])
