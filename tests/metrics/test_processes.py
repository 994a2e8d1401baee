"""Several web processes: one scrape reaches one of them, and is told what all of them answered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from canvascast.env import ROOT

# A process that answers two requests, and its child one; then, as /metrics does, it tells the sum.
PROGRAM = """
import os
from django.conf import settings
settings.configure(PROMETHEUS_MULTIPROC_DIR=os.environ["PROMETHEUS_MULTIPROC_DIR"])
from django.http import HttpRequest, HttpResponse
from prometheus_client import generate_latest
from canvascast.metrics.web import count_answers, web_registry

def answer():
    request = HttpRequest()
    request.method = "GET"
    count_answers(lambda request: HttpResponse())(request)

answer()
child = os.fork()
answer()
if child:
    os.waitpid(child, 0)
    print(generate_latest(web_registry()).decode())
"""


def test_any_process_tells_the_sum_of_all(tmp_path: Path):
    folder = tmp_path / "made" / "by the first"

    told = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    samples = [sample for family in text_string_to_metric_families(told) for sample in family.samples]
    (answers,) = [sample for sample in samples if sample.name == "canvascast_http_answers_total"]
    assert (answers.value, answers.labels) == (3, {"view": "none", "method": "GET", "status": "200"})
    assert [sample.value for sample in samples if sample.name == "canvascast_http_seconds_count"] == [3]
    assert len(list(folder.glob("counter_*.db"))) == 2
