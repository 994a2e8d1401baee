"""A real film is lost with its database and its files, and plays again from the backup."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import psycopg
import pytest

from tests.flows.conftest import MadeVideo
from tests.workplace import Workplace, opened_workplace

pytestmark = pytest.mark.slow


def test_film_plays_again_from_its_backup(workplace: Workplace, video: MadeVideo, tmp_path: Path):
    assert workplace.run("backup", "--to", str(tmp_path / "kept")).returncode == 0
    ledger = workplace.query("SELECT * FROM credit_ledger ORDER BY user_id, seq")
    frames = frames_of(workplace)
    shutil.rmtree(workplace.var / "storage")
    missing = workplace.run("reconcile")
    assert (missing.returncode, "is missing" in missing.stdout) == (1, True)

    (tmp_path / "new").mkdir()
    with opened_workplace(tmp_path / "new") as new:
        (backup,) = (path for path in (tmp_path / "kept").iterdir() if not path.name.startswith("."))
        verified = new.run("backup", "--verify", str(backup), "--deep")
        restored = new.run("restore", str(backup), "--into-empty", "--yes")

        assert (verified.returncode, verified.stdout) == (0, f"{backup.name} can be restored.\n")
        assert restored.returncode == 0, restored.stderr
        assert new.query("SELECT * FROM credit_ledger ORDER BY user_id, seq") == ledger
        assert frames_of(new) == frames > 50
        assert new.run("reconcile", "--deep").returncode == 0
        drop_old(new)


def frames_of(place: Workplace) -> int:
    """Decode the film that the rows name, to the end."""
    ((name,),) = place.query("SELECT storage_name FROM assets WHERE filename LIKE '%%.mp4'")
    with av.open(str(place.var / "storage" / "generated-assets" / name)) as film:
        return sum(1 for _ in film.decode(video=0))


def drop_old(place: Workplace) -> None:
    ((old,),) = place.query("SELECT datname FROM pg_database WHERE datname LIKE current_database() || '_before_%%'")
    with psycopg.connect(place.environment["DATABASE_URL"], autocommit=True) as server:
        server.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
