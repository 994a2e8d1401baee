"""What `manage.py doctor` says of what the site stands on, and how it bears checks that break or hang."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection

from canvascast.health.checks import Migrations, Storage
from canvascast.operations import doctor
from canvascast.operations.doctor import machine, site
from canvascast.operations.doctor.findings import DATABASE_FIX, Check, Finding, run_all
from tests import brokers
from tests.engine.test_patient_brokers import port
from tests.health.test_health import no_database

__all__ = ["no_database", "port"]


@pytest.fixture(autouse=True)
def _ready_anew() -> Iterator[None]:
    """What /ready found is remembered for seconds, here and in the tests after."""
    Migrations.forget()
    Storage.forget()
    yield
    Migrations.forget()
    Storage.forget()


def seen(look) -> Finding:
    [found] = run_all([Check("seen", look)])
    return found


def breaks() -> Finding:
    raise ZeroDivisionError("canary")


def hangs() -> Finding:
    time.sleep(5)
    return Finding("hangs", "ok", "")


def loses_the_database() -> Finding:
    raise OperationalError("gone")


def test_check_that_breaks_or_hangs_stops_no_other():
    well = Finding("well", "ok", "here")
    checks = [
        Check("breaks", breaks),
        Check("hangs", hangs, "Look at its host.", seconds=0.2),
        Check("database", loses_the_database),
        Check("well", lambda: [well, well]),
    ]

    began = time.monotonic()
    found = run_all(checks)

    assert time.monotonic() - began < 2
    assert found == [
        Finding(
            "breaks",
            "trouble",
            "could not be looked at (ZeroDivisionError)",
            "This is a fault of the program: the log has it under `check_failed`.",
        ),
        Finding("hangs", "trouble", "not done within 0.2 s", "Look at its host."),
        Finding("database", "trouble", "the database does not answer", DATABASE_FIX),
        well,
        well,
    ]


@pytest.mark.django_db(transaction=True)
def test_everything_else_is_looked_at_while_the_database_is_down(no_database, monkeypatch):
    monkeypatch.setattr(machine, "packages", lambda: Finding("python", "ok", ""))

    found = {finding.name: finding for finding in doctor.examine()}

    for name in ("database", "postgresql", "clock", "cache", "backups"):
        assert (found[name].state, found[name].fix) == ("trouble", DATABASE_FIX)
    assert found["ffmpeg"].state == found["writer"].state == "ok"


@pytest.mark.django_db
def test_server_is_named_by_its_version():
    assert site.server().state == "ok"
    assert site.server().text.split(",")[0].split(".")[0].isdecimal()


@pytest.mark.django_db
def test_server_that_only_reads_is_trouble():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE SCHEMA standby; "
            "CREATE FUNCTION standby.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'; "
            "SET LOCAL search_path = standby, pg_catalog, public"
        )

    found = site.server()

    assert found.state == "trouble"
    assert found.text.endswith("which takes no writes")
    assert found.fix == "DATABASE_URL names a copy that only reads: name the server that it copies."


@pytest.mark.django_db
def test_database_that_is_not_utf8_is_trouble():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE SCHEMA old; CREATE FUNCTION old.current_setting(name text) RETURNS text LANGUAGE sql AS "
            "$$ SELECT CASE name WHEN 'server_encoding' THEN 'LATIN1' ELSE pg_catalog.current_setting(name) END $$; "
            "SET LOCAL search_path = old, pg_catalog, public"
        )

    found = site.server()

    assert found.state == "trouble"
    assert found.text.endswith("whose database keeps texts as LATIN1")


def test_pages_that_do_not_say_who_runs_the_site_are_told(settings):
    settings.OPERATOR_NAME, settings.OPERATOR_ADDRESS, settings.OPERATOR_CONTACT = "Example Ltd", "", ""
    assert (site.operator().state, site.operator().fix) == ("not set", "Set OPERATOR_ADDRESS, OPERATOR_CONTACT.")

    settings.OPERATOR_ADDRESS, settings.OPERATOR_CONTACT = "1 Example Street", "hello@example.com"
    assert (site.operator().state, site.operator().text) == ("ok", "Example Ltd")


@pytest.mark.django_db
@pytest.mark.parametrize(("offset", "state"), [(0, "ok"), (90, "trouble"), (-90, "trouble")])
def test_clock_is_held_against_the_databases(monkeypatch, offset, state):
    monkeypatch.setattr(site, "time", SimpleNamespace(time=lambda: time.time() + offset))

    found = site.clock()

    assert found.state == state
    assert found.text == ("90 s away from the database's" if offset else "within 0.1 s of the database's")
    assert bool(found.fix) == bool(offset)


@pytest.mark.django_db(transaction=True)
def test_cache_of_the_program_is_shared():
    assert seen(site.cache) == Finding("cache", "ok", "shared by all processes")


@pytest.mark.parametrize("kind", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_cache_of_each_process_is_trouble(settings, kind):
    settings.CACHES = {**settings.CACHES, "default": {"BACKEND": f"django.core.cache.backends.{kind}"}}

    found = site.cache()

    assert (found.state, found.text) == ("trouble", "each process has its own, so limits count nothing")
    assert found.fix.startswith("Take CACHES out of your settings module")


@pytest.fixture
def run_sql(transactional_db):
    """Run statements on the test database and others afterwards."""
    undo: list[str] = []

    def run(statement: str, *, afterwards: str) -> None:
        undo.append(afterwards)
        with connection.cursor() as cursor:
            cursor.execute(statement)

    yield run
    with connection.cursor() as cursor:
        for statement in reversed(undo):
            cursor.execute(statement)


def test_cache_that_keeps_nothing_is_trouble(run_sql):
    run_sql(
        "CREATE FUNCTION keep_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        afterwards="DROP FUNCTION keep_nothing()",
    )
    run_sql(
        "CREATE TRIGGER keep_nothing BEFORE INSERT ON shared_cache FOR EACH ROW EXECUTE FUNCTION keep_nothing()",
        afterwards="DROP TRIGGER keep_nothing ON shared_cache",
    )

    found = seen(site.cache)

    assert (found.state, found.text) == ("trouble", "what is written is not there afterwards")
    assert found.fix.startswith("See whether the database takes writes")


def test_table_that_is_missing_asks_for_the_migrations(run_sql):
    run_sql(
        "ALTER TABLE shared_cache RENAME TO another_cache",
        afterwards="ALTER TABLE another_cache RENAME TO shared_cache",
    )

    assert seen(site.cache) == Finding(
        "seen", "trouble", "the database's tables are not those of this program", "Run `manage.py migrate`."
    )


def test_hints_of_postgresql_need_no_broker():
    assert site.broker() == Finding("broker", "ok", "PostgreSQL carries the hints")


def test_broker_that_is_away_is_trouble(settings, port: int):
    settings.BROKER_URL = f"redis://127.0.0.1:{port}/0"

    assert site.broker() == Finding(
        "broker",
        "trouble",
        "redis does not answer (ConnectionError)",
        "Look at BROKER_URL and whether that server is up; until then hints go by PostgreSQL.",
    )


def test_broker_that_answers_is_well(settings, port: int, tmp_path: Path):
    settings.BROKER_URL = f"redis://127.0.0.1:{port}/0"
    try:
        with brokers.started("redis", port, tmp_path):
            assert site.broker() == Finding("broker", "ok", "redis answers, 0 hints wait")
    except brokers.NotInstalled as reason:
        pytest.skip(str(reason))
