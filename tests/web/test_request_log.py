"""A request's log line: which, who, how it ended; never what was written or what opens a door."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from apps.accounts.models import User
from canvascast import urls as site
from canvascast.logs import get_logger
from tests.web.conftest import Lines

pytestmark = pytest.mark.django_db
TRACE = "0b5c9a52-6f6b-4a3c-9a0e-4b8b6c2d7e11"


def shows(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse("shown")


def starts(request: HttpRequest) -> HttpResponse:
    get_logger("pipeline").info("created", traceId=TRACE)
    return HttpResponse()


def breaks(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO profiles (user_id, display_name) VALUES (%s, 'canary\nprompt')", [uuid.uuid4()])
    return HttpResponse()


urlpatterns = [
    path("shows/<str:token>", shows),
    path("starts", starts),
    path("breaks", breaks),
    *site.urlpatterns,
]


@override_settings(ROOT_URLCONF=__name__)
def test_line_names_the_route_without_what_it_was_filled_with(client: Client, log_lines: Lines):
    client.get("/shows/canary-token?key=canary-key")

    line = log_lines.event("request_finished")
    assert (line["request"], line["code"], line["service"]) == ("GET /shows/<str:token>", 200, "web")
    assert "canary" not in log_lines.text


def test_unknown_address_is_not_repeated(client: Client, log_lines: Lines):
    client.get("/canary-token")

    assert log_lines.event("request_finished")["code"] == 404
    assert "canary" not in log_lines.text


@pytest.mark.parametrize(
    ("given", "kept"), [(TRACE, True), ("short", False), ("a" * 65, False), ("x" * 20 + " y", False)]
)
def test_valid_trace_id_is_taken_over_and_returned(client: Client, log_lines: Lines, given: str, kept: bool):
    answer = client.get("/nowhere", headers={"X-Trace-Id": given})

    assert (answer.headers["X-Trace-Id"] == given) is kept
    assert log_lines.event("request_finished")["traceId"] == answer.headers["X-Trace-Id"]


@override_settings(ROOT_URLCONF=__name__)
def test_signed_in_user_is_on_the_line(client: Client, log_lines: Lines):
    user = User.objects.create_user("owner@example.com")
    client.force_login(user)

    client.get("/shows/1")

    assert log_lines.event("request_finished")["userId"] == str(user.pk)


@override_settings(ROOT_URLCONF=__name__)
def test_job_made_in_a_request_logs_both_traces(client: Client, log_lines: Lines):
    answer = client.get("/starts")

    line = log_lines.event("created")
    assert (line["traceId"], line["requestTraceId"]) == (TRACE, answer.headers["X-Trace-Id"])


@override_settings(ROOT_URLCONF=__name__)
def test_failure_is_told_by_its_frames_and_not_by_the_row_it_refused(client: Client, log_lines: Lines):
    client.raise_request_exception = False

    answer = client.get("/breaks")

    line = log_lines.event("request_failed")
    assert answer.status_code == 500
    assert line["exception"][0]["exc_type"] == IntegrityError.__name__
    assert "canary" not in log_lines.text


@override_settings(ROOT_URLCONF=__name__)
def test_visitor_without_a_session_costs_no_query(client: Client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/shows/1")
