"""dj-stripe's tables, created at once, are the ones its migrations make."""

from __future__ import annotations

import json

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from canvascast.operations import first_boot
from tests.boot.conftest import EmptyDatabase
from tests.boot.schema import PROVEN, fingerprint, proven_fingerprint

REALLY_MIGRATE = """
import django; django.setup()
from django.core.management import call_command
from django.core.management.commands.migrate import Command
call_command(Command(), verbosity=0)
"""


@pytest.mark.django_db
def test_test_database_has_the_schema_that_the_migrations_make():
    assert fingerprint(connection) == proven_fingerprint()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_migrations_make_the_schema_on_record(empty_database: EmptyDatabase):
    """To prove a new dj-stripe version, delete the record and run this test: it writes what it finds."""
    migrated = empty_database.run("-c", REALLY_MIGRATE)

    assert migrated.returncode == 0, migrated.stderr
    with psycopg.connect(empty_database.url) as found:
        made = fingerprint(found)
    if not PROVEN.exists():
        PROVEN.write_text(json.dumps(made, indent=1) + "\n")
    assert made == proven_fingerprint()


@pytest.mark.django_db
def test_migrated_database_has_nothing_left_to_migrate():
    call_command("migrate", check_unapplied=True)
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_database_with_the_tables_is_left_to_django():
    assert not first_boot.lacks_tables(connection)


@pytest.mark.slow  # boots twice
def test_interrupted_first_boot_goes_on(empty_database: EmptyDatabase):
    everything_else = empty_database.run("manage.py", "migrate", "pipeline", "-v", "0")

    whole = empty_database.run("manage.py", "migrate")

    assert (everything_else.returncode, whole.returncode) == (0, 0), whole.stderr
    assert "Applying djstripe.0001_initial... FAKED" in whole.stdout
    with psycopg.connect(empty_database.url) as found:
        assert fingerprint(found) == proven_fingerprint()


def test_nothing_of_ours_refers_to_djstripe():
    ours = [model for model in apps.get_models() if model.__module__.startswith("apps.")]

    referring = [
        field
        for model in ours
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if field.is_relation and field.related_model._meta.app_label == first_boot.APP
    ]

    assert referring == []
