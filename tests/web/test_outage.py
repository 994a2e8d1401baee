"""What a person and a program are told while the storage or the database does not answer."""

from __future__ import annotations

import errno

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from apps.accounts.models import User
from apps.pipeline.providers.errors import Transient
from canvascast import urls as site
from canvascast.storages import StorageUnavailable

pytestmark = pytest.mark.django_db

SENTENCE = "Something that CanvasCast needs does not answer. Nothing was changed. Please try again in a minute."


def storage(request: HttpRequest) -> HttpResponse:
    raise StorageUnavailable("bucket canary-secret is gone")


def database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("canary-secret: connection refused")


def disk(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, "canary-secret: no room")


def upload(request: HttpRequest) -> HttpResponse:
    raise Transient("disk_full", "canary-secret")


def bug(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("canary-secret")


urlpatterns = [
    path("storage", storage),
    path("disk", disk),
    path("upload", upload),
    path("api/database", database),
    path("bug", bug),
    *site.urlpatterns,
]


@pytest.fixture
def visitor(client: Client) -> Client:
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("trouble", ["storage", "disk", "upload"])
@override_settings(ROOT_URLCONF=__name__)
def test_person_reads_that_it_passes(visitor: Client, trouble: str):
    answer = visitor.get(f"/{trouble}")

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert SENTENCE in answer.content.decode()
    assert "canary" not in answer.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_program_gets_the_shape_of_every_refusal(visitor: Client):
    answer = visitor.get("/api/database")

    assert answer.status_code == 503
    assert answer.json() == {"error": SENTENCE, "code": "UNAVAILABLE", "details": {"retryAfterSeconds": 60}}


@pytest.mark.parametrize("address", ["/app", "/pricing", "/admin/"])
def test_signed_in_person_reads_that_the_database_does_not_answer(visitor: Client, address: str):
    visitor.force_login(User.objects.create_superuser("ada@example.com", "correct horse"))

    with connection.execute_wrapper(no_answer):
        answer = visitor.get(address)

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert SENTENCE in answer.content.decode()


def no_answer(*_: object) -> None:
    raise OperationalError("canary-secret: connection refused")


@override_settings(ROOT_URLCONF=__name__)
def test_bug_is_no_outage(visitor: Client):
    assert visitor.get("/bug").status_code == 500
