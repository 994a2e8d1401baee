"""What the smoke test says of a site that is not as it must be, and what it leaves; a film is made in tests/flows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import ApiKey, User
from apps.drafts.models import DraftPrompt
from apps.pipeline.models import Job
from canvascast.operations.erasure import is_erased
from canvascast.operations.smoke.site import Site, SmokeFailed
from canvascast.operations.smoke.stranger import NotTriedHere, Stranger
from tests.workers import free_port

pytestmark = pytest.mark.django_db(transaction=True)
NOT_READY = b'{"ready": false, "checks": {"database": true, "queue": false}}'
READY = b'{"ready": true, "checks": {"database": true, "queue": true}}'


def complaint_about(address: str) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command("smoke", "--url", address, "--ready", "0.2", stdout=StringIO(), stderr=StringIO())
    assert refusal.value.returncode == 1
    return str(refusal.value)


def test_site_that_does_not_answer_is_told_and_the_key_ends():
    complaint = complaint_about(f"http://127.0.0.1:{free_port()}")

    assert complaint == "Not as it should be: the site is ready: ConnectionError"
    assert [key.revoked_at is None for key in ApiKey.objects.all()] == [False]


def test_site_without_a_worker_is_told_before_anything_is_ordered(live_server):
    complaint = complaint_about(live_server.url)

    assert complaint == "Not as it should be: the site is ready: /ready answers 503: queue"
    assert not Job.objects.exists()
    assert not DraftPrompt.objects.exists()


@pytest.fixture
def restarted() -> Iterator[Callable[[list[tuple[int, bytes]]], Site]]:
    """A site whose probe gives these answers one after the other, and then the last again."""
    servers = []

    def site(answers: list[tuple[int, bytes]]) -> Site:
        class Probe(BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = (200, b"{}") if self.path == "/health" else answers[0]
                if self.path == "/ready" and len(answers) > 1:
                    del answers[0]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Probe)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return Site(f"http://127.0.0.1:{server.server_port}")

    yield site
    for server in servers:
        server.shutdown()
        server.server_close()


def test_workers_that_were_just_restarted_are_waited_for_and_that_is_said(restarted, monkeypatch):
    monkeypatch.setattr("canvascast.operations.smoke.site._PAUSE_SECONDS", 0.01)
    told: list[str] = []

    restarted([(503, NOT_READY), (502, b"<h1>Bad gateway</h1>"), (200, READY)]).wait_until_ready(
        seconds=30, say=told.append
    )

    assert told == ["  waiting up to 30 s: /ready answers 503: queue"]


def test_site_that_does_not_get_ready_in_time_is_told(restarted):
    with pytest.raises(SmokeFailed, match=r"^/ready answers 503: queue$"):
        restarted([(503, NOT_READY)]).wait_until_ready(seconds=0.05, say=[].append)


@pytest.fixture
def stranger(live_server) -> Stranger:
    return Stranger(Site(live_server.url))


def test_stranger_leaves_a_text_sees_it_kept_and_takes_it_away(stranger: Stranger):
    stranger.look_at_home()
    stranger.leave_text()
    stranger.see_text_beside_sign_up()
    with pytest.raises(NotTriedHere, match=r"^mail goes to locmem$"):
        stranger.sign_up()
    assert DraftPrompt.objects.count() == 1

    stranger.tidy()

    assert not DraftPrompt.objects.exists()
    assert not User.objects.exists()


@pytest.mark.slow  # tests/flows goes the same way
def test_stranger_signs_up_where_the_code_can_be_read_and_is_erased(stranger: Stranger, settings, tmp_path: Path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    stranger.look_at_home()
    stranger.leave_text()

    stranger.sign_up()

    newcomer = User.objects.get()
    assert DraftPrompt.objects.get().user == newcomer
    stranger.tidy()
    assert not DraftPrompt.objects.exists()
    assert is_erased(User.objects.get(pk=newcomer.pk))


def test_text_that_is_not_shown_beside_the_sign_up_is_told(stranger: Stranger, settings):
    stranger.look_at_home()
    settings.SESSION_COOKIE_SECURE = True  # the browser then keeps the text's cookie from a site without TLS

    with pytest.raises(SmokeFailed, match=r"^GET /api/draft answers 404 instead of 200$"):
        stranger.leave_text()
    with pytest.raises(SmokeFailed, match=r"^the page to sign up does not show the text$"):
        stranger.see_text_beside_sign_up()


def test_form_that_is_refused_is_told(stranger: Stranger, monkeypatch):
    stranger.look_at_home()
    stranger.leave_text()
    monkeypatch.setattr("apps.drafts.limits.DRAFTS_AN_HOUR", 1)

    with pytest.raises(SmokeFailed, match=r"^POST / answers 429 instead of 200$"):
        stranger.leave_text()
