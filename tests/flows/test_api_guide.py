"""The commands of docs/api.md, run as they stand: from an idea without an account to a film on the disk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from canvascast.env import ROOT
from tests.flows.conftest import Workplace
from tests.workers import free_port, wait_until

GUIDE = ROOT / "docs" / "api.md"


@pytest.fixture
def site(workplace: Workplace) -> Iterator[str]:
    """The address of `manage.py run`: the site and its worker."""
    address = f"http://127.0.0.1:{free_port()}"
    log = workplace.folder / "site.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "run", "--port", address.rsplit(":", 1)[1]],
            env=workplace.environment,
            stdout=stream,
            stderr=stream,
        )
    try:
        wait_until(lambda: is_served(address), seconds=60, what=f"the site; its log: {log.read_text()[-2000:]}")
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.slow  # a whole film
def test_commands_of_the_guide_lead_to_a_film(workplace: Workplace, site: str, tmp_path: Path):
    commands = "\n".join(re.findall(r"```bash\n(.*?)```", GUIDE.read_text(), re.DOTALL))
    script = tmp_path / "guide.sh"
    script.write_text("set -euo pipefail\n" + commands)

    ran = subprocess.run(
        ["bash", str(script)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "SITE": site},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    with av.open(str(tmp_path / "video.mp4")) as film:
        assert [stream.type for stream in film.streams] == ["video", "audio"]
        assert film.duration > 1_000_000
    assert workplace.query("SELECT available, held FROM wallets") == [(9, 0)]


@pytest.mark.slow  # a whole film
def test_smoke_visits_as_a_stranger_and_as_a_program_and_leaves_nothing(workplace: Workplace, site: str):
    """Its worker is not there yet: it is waited for."""
    count = """SELECT (SELECT count(*) FROM assets WHERE expired_at IS NULL), (SELECT count(*) FROM draft_prompts),
        (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL)"""
    before = workplace.query(count)

    smoke = workplace.run("smoke", "--url", site)

    assert (smoke.returncode, smoke.stdout) == (0, "All 11 work.\n"), smoke.stderr[-2000:]
    assert workplace.query(count) == before
    assert workplace.query("SELECT email FROM accounts_user WHERE split_part(email, '@', 2) = 'smoke.invalid'") == []


def is_served(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False
