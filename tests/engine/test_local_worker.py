"""The worker that a command starts for itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management.base import CommandError

from apps.pipeline.console.worker import LocalWorker

pytestmark = pytest.mark.django_db

WORKER_THAT_ENDS_AT_ONCE = "from pathlib import Path; Path(__file__).with_name('starts').open('a').write('x')"


def test_worker_that_cannot_start_is_started_five_times_and_no_more(settings, tmp_path: Path):
    (tmp_path / "manage.py").write_text(WORKER_THAT_ENDS_AT_ONCE)
    settings.BASE_DIR, settings.LOG_DIR = tmp_path, tmp_path / "log"
    worker = LocalWorker()
    for _ in range(5):
        worker.ensure()
        worker._process.wait(20)

    with pytest.raises(CommandError) as error:
        worker.ensure()

    assert str(error.value) == f"The worker does not start; {tmp_path / 'log' / 'worker.log'} says why."
    assert error.value.returncode == 1
    assert (tmp_path / "starts").read_text() == "xxxxx"
