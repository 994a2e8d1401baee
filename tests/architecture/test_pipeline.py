"""The manifest keeps the promises that the runner relies on."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from apps.pipeline.contracts import Brief
from apps.pipeline.manifest import STEPS
from canvascast.env import ROOT

STEP_IDS = [step.name for step in STEPS]


def test_steps_run_from_script_to_package():
    assert STEP_IDS == [
        "script",
        "voice",
        "alignment",
        "visual_plan",
        "images",
        "timeline",
        "render",
        "package",
    ]


@pytest.mark.parametrize("step", STEPS, ids=STEP_IDS)
def test_step_reads_only_what_comes_before_it(step):
    assert set(step.reads) <= set(STEP_IDS[: STEP_IDS.index(step.name)])


@pytest.mark.parametrize("step", STEPS, ids=STEP_IDS)
def test_step_uses_only_fields_of_the_brief(step):
    assert set(step.uses) <= {field.name for field in fields(Brief)}


@pytest.mark.parametrize("step", STEPS, ids=STEP_IDS)
def test_step_declares_frozen_contracts(step):
    kinds = [step.result, step.request_type, *filter(None, (step.part_result, step.part_request_type))]

    assert all(is_dataclass(kind) and kind.__dataclass_params__.frozen for kind in kinds)


def test_render_process_does_not_load_django():
    probe = "import sys; import apps.pipeline.render.child; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=False).returncode == 0


def test_import_contracts_are_kept():
    result = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout


def test_tests_open_no_socket_beyond_loopback():
    with socket.socket() as outward, pytest.raises(PermissionError):
        outward.connect(("192.0.2.1", 9))
