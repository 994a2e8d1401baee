"""Bugs arrive at the error tracker with their place and trace, and without a word that anybody wrote or a secret."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone
from django_q import worker as django_q_worker
from django_q.models import Failure
from django_q.tasks import async_task

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from apps.pipeline.models import JobStep
from apps.pipeline.providers.errors import PipelineError, Transient
from apps.pipeline.sweep import sweep
from canvascast import error_tracker
from canvascast import urls as site
from canvascast.env import ROOT, VARIABLES
from canvascast.errors import Refused
from canvascast.logs import get_logger
from canvascast.mail import MailUnavailable
from canvascast.operations.faults import FailedTasks, is_expected
from canvascast.storages import StorageUnavailable
from tests.engine.conftest import owner, start, trivial
from tests.engine.test_runner import run
from tests.metrics.tracker import Tracker
from tests.workers import running_worker, wait_until

__all__ = ["owner", "trivial"]

pytestmark = pytest.mark.django_db(transaction=True)
# Put together here, so that the lines of source in an event do not have it.
CANARY = "-".join(("canary", "7Qx"))
SECRET_WORDS = ("KEY", "SECRET", "TOKEN", "_URL")


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    tracker = Tracker()
    error_tracker.start(dsn=tracker.dsn, environment="tests", release="1.2.3", is_expected=is_expected)
    yield tracker
    error_tracker.stop()
    tracker.close()


def break_down(request: HttpRequest, token: str) -> HttpResponse:
    written = request.body.decode()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO worker_beats VALUES (%s, 'steps', NULL)", [written])
    return HttpResponse()


def refuse(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [path("breaks/<str:token>", break_down), path("refuses", refuse), *site.urlpatterns]


@override_settings(ROOT_URLCONF=__name__)
def test_bug_in_a_page_arrives_with_route_trace_and_user_id_alone(client: Client, tracker: Tracker):
    client.raise_request_exception = False
    user = User.objects.create_user(f"{CANARY}@example.com")
    client.force_login(user)
    client.cookies["draft"] = CANARY
    _, key = create_key(user=user, name="key", at=timezone.now())

    answer = client.post(
        f"/breaks/{CANARY}?key={CANARY}", CANARY, "text/plain", headers={"Authorization": f"Bearer {key}"}
    )

    (event,) = tracker.events(at_least=1)
    assert [one["type"] for one in event["exception"]["values"]] == ["NotNullViolation", IntegrityError.__name__]
    assert event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "execute"
    assert event["user"] == {"id": str(user.pk)}
    assert event["tags"]["traceId"] == answer.headers["X-Trace-Id"]
    assert event["tags"]["request"] == "POST /breaks/<str:token>"
    assert (event["environment"], event["release"]) == ("tests", "1.2.3")
    assert not {"request", "extra", "breadcrumbs", "modules"} & event.keys()
    session = client.cookies["sessionid"].value
    assert [word for word in (CANARY, "example.com", session, key) if word in tracker.text] == []


def test_bug_in_a_step_arrives_under_its_job_and_span(trivial, owner, tracker: Tracker):
    job = run(start(owner, "fine bug"))

    (event,) = tracker.events(at_least=1)
    tags = event["tags"]
    assert (tags["traceId"], tags["step"], tags["part"]) == (str(job.pk), "voice", "scene_002")
    assert (tags["event"], tags["error_code"], len(tags["spanId"])) == ("failed", "internal", 16)
    assert event["user"] == {"id": str(owner.pk)}


@pytest.mark.parametrize("code", ["render_failed", "quality_gate", "vendor_refuses_key", "worker_lost"])
def test_what_a_customer_reads_is_our_fault_arrives_without_its_words(tracker: Tracker, code: str):
    get_logger("tests").error("failed", exc_info=Transient(code, CANARY), error_code=code)

    (event,) = tracker.events(at_least=1)
    assert (event["exception"]["values"][0]["type"], event["tags"]["error_code"]) == ("Transient", code)
    assert CANARY not in tracker.text


def test_row_that_wears_workers_out_arrives_under_its_job(trivial, owner, tracker: Tracker):
    job = start(owner, "one")
    worn = {"state": "RUNNING", "attempt": 3, "max_attempts": 3, "lease_until": timezone.now() - timedelta(seconds=9)}
    JobStep.objects.filter(job=job, step="script").update(**worn)

    sweep("steps")

    (event,) = tracker.events(at_least=1)
    assert (event["tags"]["event"], event["tags"]["traceId"]) == ("worker_lost", str(job.pk))


def test_failed_task_arrives(tracker: Tracker):
    try:
        raise ValueError(CANARY)
    except ValueError:
        django_q_worker.error_reporter.report()

    (event,) = tracker.events(at_least=1)
    assert isinstance(django_q_worker.error_reporter, FailedTasks)
    assert (event["exception"]["values"][0]["type"], event["tags"]["event"]) == ("ValueError", "task_failed")
    assert CANARY not in tracker.text


@pytest.mark.parametrize(
    "error",
    [
        Refused("There are not enough credits."),
        PipelineError("vendor_trouble"),
        StorageUnavailable("bucket"),
        MailUnavailable("ConnectionRefusedError"),
        OperationalError("the database is restarting"),
        PermissionDenied(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_expected_stays_in_the_log(tracker: Tracker, error: Exception):
    log = get_logger("tests")

    log.error("refused", exc_info=error)
    log.error("bug", exc_info=ValueError())

    assert [event["tags"]["event"] for event in tracker.events(at_least=1)] == ["bug"]


@override_settings(ROOT_URLCONF=__name__)
def test_warnings_and_pages_that_are_not_there_stay_in_the_log(client: Client, tracker: Tracker):
    client.get("/refuses")
    client.get("/nowhere")
    get_logger("tests").warning("retried", exc_info=ValueError())
    get_logger("tests").error("mail_given_up")
    get_logger("tests").error("bug", exc_info=ValueError())

    assert [event["tags"]["event"] for event in tracker.events(at_least=1)] == ["bug"]


def test_without_an_address_nothing_is_told(tracker: Tracker):
    error_tracker.stop()
    error_tracker.start(dsn="", environment="tests", release="", is_expected=is_expected)

    get_logger("tests").error("bug", exc_info=ValueError())

    assert tracker.events(at_least=0) == []


def test_command_that_breaks_tells_neither_its_arguments_nor_any_secret_of_the_environment():
    tracker = Tracker()
    secrets = {name: CANARY for name in VARIABLES if name.endswith(SECRET_WORDS)}
    kept = {
        "DJANGO_SETTINGS_MODULE": "canvascast.settings.production",
        "STRIPE_SECRET_KEY": f"sk_test_{CANARY}".replace("-", "").ljust(40, "0"),
        "DATABASE_URL": f"postgresql://user:{CANARY}@127.0.0.1:1/site",
        "EMAIL_URL": f"smtp+tls://user:{CANARY}@127.0.0.1:1",
        "BROKER_URL": f"redis://:{CANARY}@127.0.0.1:1",
        "ALLOWED_HOSTS": "example.com",
        "SITE_URL": "https://example.com",
        "MAIL_FROM": "CanvasCast <hello@example.com>",
        **dict.fromkeys(("OPENAI_BASE_URL", "GEMINI_BASE_URL", "ELEVENLABS_BASE_URL"), "http://127.0.0.1:1"),
        **dict.fromkeys(("RESEND_API_URL", "GOOGLE_OPENID_URL"), "http://127.0.0.1:1"),
        "S3_ENDPOINT_URL": "",
        "SENTRY_DSN": tracker.dsn,
        "SENTRY_RELEASE": "1.2.3",
    }
    code = "import sys; prompt = sys.argv[-1]; raise ValueError(prompt)"

    ended = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", f"{code} # {CANARY}"],
        cwd=ROOT,
        env={**os.environ, **secrets, **kept},
        capture_output=True,
        text=True,
        check=False,
    )
    events = tracker.events(at_least=1)
    tracker.close()

    assert CANARY in ended.stderr
    assert [event["exception"]["values"][0]["type"] for event in events] == ["ValueError"]
    assert events[0]["environment"] == "production"
    canaries = (CANARY, CANARY.replace("-", ""))
    assert [word for word in canaries if word in tracker.text] == []


@pytest.mark.slow
def test_task_that_fails_in_a_real_worker_arrives_and_its_words_stay(tmp_path):
    tracker = Tracker()
    with running_worker(tmp_path, "tests.metrics.settings_tracked", queues="quick", TRACKED_DSN=tracker.dsn):
        async_task("builtins.int", CANARY, q_options={"cluster": "quick"})
        wait_until(lambda: bool(tracker.events(at_least=1)), seconds=30, what="the event")
        wait_until(lambda: Failure.objects.exists(), seconds=10, what="the task's outcome")
    (event,) = tracker.events(at_least=1)
    tracker.close()

    assert (event["exception"]["values"][0]["type"], event["tags"]["event"]) == ("ValueError", "task_failed")
    assert CANARY not in tracker.text
    assert "Failed 'builtins.int'" not in (tmp_path / "worker.log").read_text()
