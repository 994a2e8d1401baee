"""Webhooks on pages and by the API: the secret is shown once, the log says what became of each."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from apps.accounts.api_keys import create_key
from apps.notifications.models import WebhookDelivery, WebhookEndpoint
from apps.notifications.webhooks import endpoints
from apps.notifications.webhooks.sending import send
from tests.notifications.conftest import reachable
from tests.notifications.webhooks.conftest import happen, listen

PAGE = "/app/developers/webhooks"
API = "/api/v1/webhooks"


@pytest.fixture
def browser(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def stranger(user):
    from django.test import Client

    visitor = Client()
    visitor.force_login(reachable("bob@example.com"))
    return visitor


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_developers_page_leads_there(browser):
    assert f'href="{PAGE}"' in words(browser.get("/app/developers"))


def test_form_makes_a_webhook_and_shows_its_secret_once(browser, user, hook):
    page = words(browser.post(f"{PAGE}/new", {"url": hook.url, "job_ready": "on"}))

    endpoint = WebhookEndpoint.objects.get(user=user)
    assert (endpoint.url, endpoint.events) == (hook.url, ["job.ready"])
    assert re.search(r'id="copy-secret">(.*?)<', page).group(1) == endpoint.secret
    for path in (PAGE, f"{PAGE}/{endpoint.pk}", API, f"{API}/{endpoint.pk}"):
        assert endpoint.secret not in words(browser.get(path))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"url": "https://10.0.0.1/", "job_ready": "on"}, "The address has to be on the public internet."),
        ({"url": "http://example.com/", "job_ready": "on"}, "The address has to begin with https://."),
        ({"url": "https://example.com/"}, "Choose one or more of job.ready and job.failed."),
        ({"url": "", "job_ready": "on"}, "This field is required."),
    ],
)
def test_form_says_what_does_not_fit_and_keeps_what_was_typed(browser, settings, sent, sentence):
    settings.WEBHOOKS_MAY_BE_LOCAL = False

    page = words(browser.post(f"{PAGE}/new", sent))

    assert sentence in page
    assert f'value="{sent["url"]}"' in page or not sent["url"]
    assert not WebhookEndpoint.objects.exists()


def test_log_says_what_became_of_each_and_sends_again(browser, user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)
    hook.answers(410)
    send(delivery.pk)
    endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, is_active=True)
    page = words(browser.get(f"{PAGE}/{endpoint.pk}"))
    assert re.search(r"Given up · answered 410 after \d+ ms · 1 try", page)
    assert "It answered that it is gone for good." in page

    answer = browser.post(f"{PAGE}/{endpoint.pk}/deliveries/{delivery.pk}/again", follow=True)

    assert "It is on its way." in words(answer)
    assert WebhookDelivery.objects.filter(message_id=delivery.message_id).count() == 2


def test_log_shows_by_itself_what_became_of_a_first_try_and_then_asks_no_more(browser, user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)
    asks = re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', browser.get(f"{PAGE}/{endpoint.pk}").content.decode())
    piece = {"HX-Request": "true"}

    before = browser.get(asks.group(1), headers=piece)
    send(delivery.pk)
    after = browser.get(asks.group(1), headers=piece)

    assert (before.status_code, after.status_code) == (204, 286)
    assert "Delivered" in words(after)
    assert "data-polls" not in after.content.decode()
    assert "<html" not in after.content.decode()


def test_log_waits_for_no_next_try(browser, user, hook):
    endpoint = listen(user, hook.url)
    hook.answers(500)
    send(happen(user).pk)

    assert "data-polls" not in browser.get(f"{PAGE}/{endpoint.pk}").content.decode()


def test_log_names_the_next_try(browser, user, hook):
    endpoint = listen(user, hook.url)
    hook.answers(500)
    send(happen(user).pk)

    page = words(browser.get(f"{PAGE}/{endpoint.pk}"))

    assert "It answered that something is wrong." in page
    assert "Next try " in page
    assert "Send again:" not in page


def test_buttons_turn_it_off_and_on_test_rotate_and_delete(browser, user, hook):
    endpoint = listen(user, hook.url)
    secret, page = endpoint.secret, f"{PAGE}/{endpoint.pk}"

    browser.post(f"{page}/switch", {"off": "1"})
    assert "is turned off" in words(browser.post(f"{page}/test", follow=True))
    browser.post(f"{page}/switch", {"on": "1"})
    browser.post(f"{page}/test")
    assert WebhookDelivery.objects.get().event == "webhook.test"
    rotated = words(browser.post(f"{page}/secret"))
    endpoint.refresh_from_db()
    assert endpoint.secret in rotated
    assert endpoint.secret != secret
    browser.post(f"{page}/delete")
    assert not WebhookEndpoint.objects.exists()


def test_delete_pressed_twice_deletes_once_and_ends_in_the_list(browser, stranger, user, hook):
    page = f"{PAGE}/{listen(user, hook.url).pk}"
    form = browser.get(page).context["proof"]

    answers = [browser.post(f"{page}/delete", {"proof": form}) for _ in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, PAGE)] * 2
    assert stranger.post(f"{page}/delete", {"proof": form}).status_code == 404
    assert browser.post(f"{page}/delete").status_code == 404


def test_paused_webhook_says_so(browser, user, hook):
    endpoint = listen(user, hook.url)
    WebhookEndpoint.objects.update(is_active=False, paused_at=timezone.now() - timedelta(days=1))

    assert "Nothing was taken at this address for days" in words(browser.get(f"{PAGE}/{endpoint.pk}"))
    assert "paused, it did not answer" in words(browser.get(PAGE))


def test_page_costs_few_queries(browser, user, hook, django_assert_max_num_queries):
    endpoint = listen(user, hook.url)
    for _ in range(5):
        happen(user)

    with django_assert_max_num_queries(8):
        browser.get(f"{PAGE}/{endpoint.pk}")


def test_program_makes_lists_changes_and_deletes_its_webhooks(client, user, hook):
    _, key = create_key(user=user, name="program", at=timezone.now())
    ask = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {key}"}}

    made = client.post(API, {"url": hook.url}, **ask)
    webhook_id = made.json()["id"]

    assert made.status_code == 201
    assert made.json()["events"] == ["job.ready", "job.failed"]
    listed = client.get(API, **ask).json()["webhooks"]
    assert [{**entry, "secret": made.json()["secret"]} for entry in listed] == [made.json()]
    changed = client.patch(f"{API}/{webhook_id}", {"events": ["job.failed"], "isActive": False}, **ask).json()
    assert (changed["events"], changed["isActive"], changed["url"]) == (["job.failed"], False, hook.url)
    assert client.delete(f"{API}/{webhook_id}", **ask).status_code == 204
    assert client.get(f"{API}/{webhook_id}", **ask).status_code == 404


def test_program_tests_reads_the_log_and_sends_again(browser, user, hook):
    endpoint = listen(user, hook.url)
    path = f"{API}/{endpoint.pk}"

    tested = browser.post(f"{path}/test")
    send(tested.json()["id"])
    (entry,) = browser.get(f"{path}/deliveries").json()["deliveries"]
    again = browser.post(f"{path}/deliveries/{entry['id']}/again")

    assert tested.status_code == again.status_code == 201
    assert (entry["state"], entry["answerStatus"], entry["tries"], entry["nextTryAt"]) == ("DELIVERED", 204, 1, None)
    assert again.json()["messageId"] == entry["messageId"] == hook.calls[0].headers["webhook-id"]
    assert browser.post(f"{path}/deliveries/{entry['id']}/again").status_code == 409


def test_new_secret_by_the_api_is_the_one_that_signs(browser, user, hook):
    endpoint = listen(user, hook.url)

    secret = browser.post(f"{API}/{endpoint.pk}/secret").json()["secret"]
    send(happen(user).pk)

    Webhook(secret).verify(hook.calls[0].body, hook.calls[0].headers)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "https://example.com/", "events": ["job.deleted"]}, "events"),
        ({"url": "https://example.com/", "events": []}, "events"),
        ({"url": "https://example.com/", "colour": "red"}, "colour"),
        ({}, "url"),
    ],
)
def test_api_says_which_field_does_not_fit(browser, settings, body, field):
    settings.WEBHOOKS_MAY_BE_LOCAL = False

    answer = browser.post(API, body, "application/json")

    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
    assert not WebhookEndpoint.objects.exists()


def test_stranger_finds_nothing(stranger, user, hook):
    endpoint = listen(user, hook.url)
    delivery = happen(user)

    for path in ("", "/switch", "/secret", "/test", "/delete", f"/deliveries/{delivery.pk}/again"):
        assert stranger.post(f"{PAGE}/{endpoint.pk}{path}", {"url": hook.url, "job_ready": "1"}).status_code == 404
    for path in ("", "/deliveries"):
        assert stranger.get(f"{API}/{endpoint.pk}{path}").status_code == 404

    endpoint.refresh_from_db()
    assert (endpoint.is_active, WebhookDelivery.objects.count()) == (True, 1)
