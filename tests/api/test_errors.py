"""Every refusal has one shape and no exception text."""

from __future__ import annotations

import pytest

from apps.billing.payments.gateway import PaymentsUnavailable
from apps.pipeline.judging import NotJudged
from apps.pipeline.providers.errors import Transient

PREFERENCES = "/api/v1/notifications/preferences"


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({"marketing": "yes"}, {"marketing": "Input should be a valid boolean"}),
        ({"marketing": 1}, {"marketing": "Input should be a valid boolean"}),
        ({"spam": True}, {"spam": "Extra inputs are not permitted"}),
    ],
)
def test_wrong_field_is_named(browser, body, details):
    answer = browser.patch(PREFERENCES, body, "application/json")

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": f"Please check: {', '.join(details)}.", "code": "VALIDATION_ERROR", "details": details},
    )


@pytest.mark.parametrize("body", ["{", b"\xff\xfe", "[" * 100_000])
def test_malformed_json_is_said_so(browser, body):
    answer = browser.patch(PREFERENCES, body, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"] == "The request could not be read: send valid JSON, or a form for files."


@pytest.mark.parametrize("body", ["", "[]", "null", "3", '"words"'])
def test_body_that_is_no_object_is_refused(browser, body):
    answer = browser.patch(PREFERENCES, body, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


def test_unknown_path_is_not_found_in_the_same_shape(browser):
    answer = browser.get("/api/v1/nothing")

    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "There is nothing here under that name.", "code": "NOT_FOUND", "details": {}},
    )


def test_wrong_method_names_the_right_ones(browser):
    answer = browser.post(PREFERENCES, {}, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert set(answer["Allow"].split(", ")) == {"GET", "PATCH"}


def test_body_of_two_megabytes_is_too_large(browser):
    answer = browser.patch(PREFERENCES, "x" * 2_000_000, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (413, "VALIDATION_ERROR")


def test_bug_shows_no_exception_text(browser, monkeypatch, settings):
    def broken(user):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("apps.notifications.queries.preferences_of", broken)
    settings.DEBUG = True
    browser.raise_request_exception = False

    answer = browser.get(PREFERENCES)

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert "secret" not in answer.content.decode()


@pytest.fixture
def fails(monkeypatch):
    """Let whatever the address needs fail in this way."""

    def set_failure(error: Exception) -> None:
        def fail(user):
            raise error

        monkeypatch.setattr("apps.notifications.queries.preferences_of", fail)

    return set_failure


@pytest.mark.parametrize(
    "error", [Transient("storage_unavailable"), PaymentsUnavailable("timeout"), NotJudged("Not now.")]
)
def test_what_passes_says_when_to_come_back(browser, fails, error):
    fails(error)

    answer = browser.get(PREFERENCES)

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "UNAVAILABLE", "60")
    assert answer.json()["details"] == {"retryAfterSeconds": 60}


def test_outage_is_logged(browser, fails, caplog):
    fails(Transient("disk_full"))

    browser.get(PREFERENCES)

    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [line["error_type"] for line in lines if line["event"] == "outage"] == ["Transient"]
