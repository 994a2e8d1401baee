"""Whatever goes wrong, wherever: words, the right type, kept by nobody, and nothing about how the site is made."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from canvascast import urls as site
from tests.admin.conftest import staff, staff_client

__all__ = ["staff", "staff_client"]

pytestmark = pytest.mark.django_db

CANARY = "canary-detail-7Qx"
# How the site is made: exceptions, paths, programs and their versions.
TELLTALE = re.compile(
    rf"{CANARY}|Traceback|\w+Error\b(?!_)|site-packages|/apps/|\.py\b|[Dd]jango[/ ]?\d|gunicorn|ninja|psycopg|DEBUG"
)
FAULTS = {
    "400": SuspiciousOperation(CANARY),
    "403": PermissionDenied(CANARY),
    "404": Http404(CANARY),
    "500": ZeroDivisionError(CANARY),
    "503": OperationalError(CANARY),
}


def fails(request: HttpRequest, fault: str) -> HttpResponse:
    raise FAULTS[fault]


@require_POST
def takes_forms(request: HttpRequest) -> HttpResponse:
    raise AssertionError("never reached")


def _routes(prefix: str) -> list:
    return [path(f"{prefix}fails/<fault>", fails), path(f"{prefix}takes-forms", takes_forms)]


urlpatterns = [*_routes(""), *_routes("api/"), *_routes("admin/"), *site.urlpatterns]
handler400, handler429, handler500 = site.handler400, site.handler429, site.handler500

WHERE = {"page": ("/", {}), "piece": ("/", {"HX-Request": "true"}), "admin": ("/admin/", {}), "api": ("/api/", {})}
STATUSES = ("400", "403", "404", "500", "503")


@pytest.fixture
def visitor(client: Client, settings) -> Client:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    return client


def told(answer) -> str:
    return f"{dict(answer.headers)} {answer.content.decode()}"


def check(answer, where: str, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert TELLTALE.findall(told(answer)) == []
    assert "Server" not in answer.headers
    if where == "api":
        assert answer.headers["Content-Type"] == "application/json"
        assert set(answer.json()) == {"error", "code", "details"}
        assert answer.json()["error"].endswith(".")
    else:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert len(re.findall(r"<h1[ >]", answer.content.decode())) == 1


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("where", WHERE)
def test_fault_is_answered_in_words_alone(visitor: Client, where: str, status: str):
    prefix, headers = WHERE[where]

    check(visitor.get(f"{prefix}fails/{status}", headers=headers), where, int(status))


@pytest.mark.parametrize("where", WHERE)
def test_wrong_method_is_answered_in_words_alone(visitor: Client, where: str):
    prefix, headers = WHERE[where]
    answer = visitor.get(f"{prefix}takes-forms", headers=headers)

    check(answer, where, 405)
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("where", WHERE)
def test_body_that_is_too_large_is_answered_in_words_alone(visitor: Client, where: str):
    prefix, headers = WHERE[where]

    check(visitor.post(f"{prefix}takes-forms", b"x" * 1_000_001, "text/plain", headers=headers), where, 413)


@pytest.mark.parametrize("where", ["page", "piece", "admin"])
def test_form_without_its_token_is_answered_in_words_alone(where: str, settings):
    settings.ROOT_URLCONF = __name__
    prefix, headers = WHERE[where]

    check(Client(enforce_csrf_checks=True).post(f"{prefix}takes-forms", headers=headers), where, 403)


def test_too_many_requests_to_the_api_are_answered_in_words_alone(visitor: Client, settings):
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "1/min")
    owner = User.objects.create_user("owner@example.com")
    _, key = create_key(user=owner, name="tests", at=timezone.now())
    answers = [visitor.get("/api/v1/projects", headers={"Authorization": f"Bearer {key}"}) for _ in range(2)]

    check(answers[-1], "api", 429)


def test_too_many_tries_to_log_in_are_answered_in_words_alone(visitor: Client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "1/m/ip", "login": "1/m/ip", "request_login_code": "1/m/ip"}
    answers = [visitor.post("/accounts/login/", {"login": f"nobody{n}@example.com", "password": "x"}) for n in range(4)]

    check(answers[-1], "page", 429)


@pytest.mark.parametrize("name", ["css/nothing.css", "js/%2e%2e/%2e%2e/manage.py", "css/"])
def test_static_file_that_is_not_there_is_answered_in_words_alone(visitor: Client, name: str):
    check(visitor.get(f"/static/{name}"), "page", 404)


def test_wrong_host_is_answered_in_words_alone(visitor: Client):
    check(visitor.get("/", headers={"Host": "other.example"}), "page", 400)


def test_staff_find_no_more_than_others(staff_client: Client, settings):
    settings.ROOT_URLCONF = __name__
    staff_client.raise_request_exception = False

    for status in STATUSES:
        check(staff_client.get(f"/admin/fails/{status}"), "admin", int(status))


@override_settings(SECURE_SSL_REDIRECT=True)
def test_signed_in_person_finds_no_more_than_a_visitor(visitor: Client):
    visitor.force_login(User.objects.create_user("owner@example.com"))

    for status in STATUSES:
        check(visitor.get(f"/fails/{status}", secure=True), "page", int(status))


@pytest.mark.parametrize("address", ["/accounts/oidc/a%00b/login/", "/%00", "/api/v1/jobs/%00/status", "/download/%00"])
def test_nothing_is_at_an_address_with_a_nul(client, address):
    for method in ("GET", "POST"):
        answer = client.generic(method, address)

        assert answer.status_code == 404
        assert not TELLTALE.search(answer.content.decode())


@pytest.mark.parametrize("charset", ["utf-16", "latin-1"])
def test_form_in_another_encoding_is_refused_in_words(charset):
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/signup/")

    answer = client.generic(
        "POST", "/accounts/signup/", b"email=\xff", f"application/x-www-form-urlencoded; charset={charset}"
    )

    check(answer, "page", 400)
