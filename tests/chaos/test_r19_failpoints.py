"""R19: a kill before and after every commit, paid call, rename and mail; everything ends as if nothing had happened."""

from __future__ import annotations

import time
import os
import signal

import pytest

from tests.chaos.failpoints import films
from tests.chaos.failpoints.hooks import Passing
from tests.chaos.failpoints.stage import Fault, Stage
from canvascast.operations.reconcile import reconcile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("R19")]


def kill(passing: Passing) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def strike_all(stage: Stage, flow, strike, wanted=lambda name, stage: True) -> None:
    """Play `flow` until each failpoint of each act was struck once; every run strikes one an act."""
    waiting = [[name for name in act if wanted(name, stage)] for act in stage.rehearse(flow, {})]
    while any(waiting):
        faults = {number: Fault(act.pop(0), strike) for number, act in enumerate(waiting) if act}
        try:
            stage.play(flow, {}, faults)
            assert reconcile() == []
        except AssertionError as error:
            raise AssertionError(f"{flow.name}: {[fault.failpoint for fault in faults.values()]}") from error


def test_proto(settings, tmp_path):
    settings.PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    stage = Stage()
    began = time.monotonic()
    stage.rehearse(films.MADE, {})
    print("rehearsed", time.monotonic() - began)
    began = time.monotonic()
    stage.play(films.MADE, {})
    print("plain", time.monotonic() - began)
    began = time.monotonic()
    strike_all(stage, films.MADE, kill)
    print("all", len(stage.struck), time.monotonic() - began)
