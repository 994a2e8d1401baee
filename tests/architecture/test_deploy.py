"""S13: Django finds nothing to warn of in the settings of production."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from canvascast.checks import DEPLOY_ENVIRONMENT
from canvascast.env import ROOT


@pytest.mark.slow  # every `make check` does the same
@pytest.mark.goal("S13")
def test_deploy_check_has_no_warning():
    check = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**os.environ, **DEPLOY_ENVIRONMENT},
        capture_output=True,
        text=True,
    )

    assert (check.returncode, check.stdout) == (0, "System check identified no issues (0 silenced).\n"), check.stderr
