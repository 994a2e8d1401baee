"""What staff can see, what they can do, and that nothing can be edited behind the ledger's back."""

from __future__ import annotations

import re
import uuid

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import ApiKey, User
from apps.billing.models import LedgerEntry, Wallet
from apps.drafts.models import DraftPrompt
from apps.notifications.models import Notification, NotificationPreference
from apps.pipeline.models import Artifact, Job, Project, ShareLink
from canvascast.staff import StaffAdmin
from tests.admin.conftest import make_failed_job

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15
# Found from a user's page and from a job's.
BESIDES = (NotificationPreference, Artifact)


def page(model: type, name: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


def text(answer) -> str:
    return answer.content.decode()


def token_of(answer) -> str:
    return re.search(r'name="token" value="([0-9a-f-]{36})"', text(answer)).group(1)


def send(client: Client, url: str, **fields: object):
    return client.post(url, {"token": token_of(client.get(url)), **fields})


def registered() -> list[type]:
    admin.autodiscover()
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def test_only_pages_of_ours_are_shown():
    assert [model for model in registered() if not isinstance(admin.site.get_model_admin(model), StaffAdmin)] == []
    assert "django_q.Schedule" not in [model._meta.label for model in registered()]


@pytest.mark.parametrize("model", registered(), ids=lambda model: model._meta.label)
def test_list_takes_few_queries_however_many_rows(staff_client: Client, django_assert_max_num_queries, model: type):
    for number in range(5):
        owner = User.objects.create_user(f"owner{number}@example.com")
        make_failed_job(owner)
        ApiKey.objects.create(user=owner, name="n", prefix=f"cc_{number}", key_hash=str(number))
        Notification.objects.create(user=owner, event="welcome", key="")

    with django_assert_max_num_queries(MOST_QUERIES):
        answer = staff_client.get(page(model, "changelist"))

    assert answer.status_code == 200


def test_start_page_leads_to_all_that_may_be_looked_at(staff_client: Client, staff: User):
    lists = {page(model, "changelist") for model in registered()} - {page(model, "changelist") for model in BESIDES}

    assert lists - set(re.findall(r'href="(/admin/[^"]+/)"', text(staff_client.get("/admin/")))) == set()

    staff.is_superuser = False
    staff.save()
    staff.user_permissions.add(Permission.objects.get(codename="view_sharelink"))
    assert lists & set(re.findall(r'href="(/admin/[^"]+/)"', text(staff_client.get("/admin/")))) == {
        page(ShareLink, "changelist")
    }


@pytest.mark.parametrize("bad", ["nothing", "0", "%00", "%ED%A0%80", "9" * 400, ".."])
@pytest.mark.parametrize(
    "action",
    [
        "pipeline/job/{}/retry",
        "pipeline/job/{}/return_credits",
        "pipeline/sharelink/{}/stop_sharing",
        "accounts/user/{}/grant_credits",
    ],
)
def test_action_on_what_cannot_be_there_finds_nothing(staff_client: Client, action: str, bad: str):
    for method in ("GET", "POST"):
        assert staff_client.generic(method, f"/admin/{action.format(bad)}/").status_code == 404


def test_strangers_are_sent_to_log_in(client: Client, owner: User):
    client.force_login(owner)

    assert client.get(page(User, "change", owner.pk)).status_code == 302


def test_user_page_shows_wallet_and_ledger(staff_client: Client, owner: User):
    send(staff_client, page(User, "grant_credits", owner.pk), credits=25, reason="for the wait")

    shown = text(staff_client.get(page(User, "change", owner.pk)))
    assert "for the wait" in shown
    assert 'name="wallet-0-available"' not in shown


def test_grant_sent_twice_grants_once(staff_client: Client, staff: User, owner: User):
    url = page(User, "grant_credits", owner.pk)
    wish = {"token": token_of(staff_client.get(url)), "credits": 25, "reason": "for the wait"}

    answers = [staff_client.post(url, wish) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    (entry,) = LedgerEntry.objects.filter(user=owner)
    assert (entry.kind, entry.d_available, entry.reason, entry.by) == ("GRANT", 25, "for the wait", staff)
    assert Wallet.objects.get(user=owner).available == 25


def test_used_form_grants_nothing_else_and_says_so(staff_client: Client, owner: User):
    url = page(User, "grant_credits", owner.pk)
    wish = {"token": token_of(staff_client.get(url)), "credits": 5, "reason": "for the wait"}
    staff_client.post(url, wish)

    answer = staff_client.post(url, {**wish, "credits": 50})

    assert "This form was used already" in text(answer)
    assert Wallet.objects.get(user=owner).available == 5


@pytest.mark.parametrize("wish", [{"credits": 0, "reason": "x"}, {"credits": 5, "reason": ""}, {"credits": "many"}])
def test_grant_without_number_or_reason_is_refused(staff_client: Client, owner: User, wish: dict):
    answer = send(staff_client, page(User, "grant_credits", owner.pk), **wish)

    assert answer.status_code == 200
    assert not LedgerEntry.objects.exists()


def test_looking_at_an_action_does_nothing(staff_client: Client, owner: User, failed_job: Job):
    for model, name, row in ((User, "grant_credits", owner), (Job, "retry", failed_job)):
        assert staff_client.get(page(model, name, row.pk)).status_code == 200

    assert not LedgerEntry.objects.exists()
    assert Job.objects.count() == 1


def test_staff_without_the_permission_cannot_act(owner: User, staff: User, staff_client: Client, failed_job: Job):
    User.objects.filter(pk=staff.pk).update(is_superuser=False)

    urls = [page(User, "grant_credits", owner.pk), page(Job, "return_credits", failed_job.pk)]

    assert [staff_client.get(url).status_code for url in urls] == [403, 403]


def test_job_page_shows_attempts_calls_cost_and_error(
    staff_client: Client, failed_job: Job, django_assert_max_num_queries
):
    with django_assert_max_num_queries(MOST_QUERIES):
        shown = text(staff_client.get(page(Job, "change", failed_job.pk)))

    for fact in ("images scene_1", "#1 retried", "#2 retried", "gemini paint", "39000 micro USD", "vendor_refused"):
        assert fact in shown


def test_credits_are_returned_once(staff_client: Client, owner: User, failed_job: Job):
    url = page(Job, "return_credits", failed_job.pk)
    send(staff_client, url, credits=4, reason="the voice was wrong")

    again = send(staff_client, url, credits=4, reason="once more")

    assert "Credits were returned for this video already." in text(again)
    (entry,) = LedgerEntry.objects.filter(user=owner)
    assert (entry.kind, entry.d_available, entry.reason) == ("ADJUST", 4, "the voice was wrong")


def test_no_more_is_returned_than_was_charged(staff_client: Client, failed_job: Job):
    answer = send(staff_client, page(Job, "return_credits", failed_job.pk), credits=5, reason="x")

    assert "was charged 4 credits" in text(answer)
    assert not LedgerEntry.objects.exists()


def test_key_and_draft_pages_keep_their_secrets(staff_client: Client, owner: User):
    key = ApiKey.objects.create(user=owner, name="n", prefix="cc_abc", key_hash="canary-hash")
    draft = DraftPrompt.objects.create(
        token_hash="canary-token", ip_hash="canary-address", prompt="why cats purr", expires_at=timezone.now()
    )

    shown = [text(staff_client.get(page(type(row), "change", row.pk))) for row in (key, draft)]

    assert "canary" not in "".join(shown)


def test_reported_link_is_found_not_shown_and_ended(staff_client: Client, owner: User):
    link = ShareLink.objects.create(project=Project.objects.create(user=owner), user=owner, token="s" * 32)
    other = ShareLink.objects.create(project=Project.objects.create(user=owner), user=owner, token="t" * 32)

    found = text(staff_client.get(page(ShareLink, "changelist"), {"q": link.token}))
    shown = text(staff_client.get(page(ShareLink, "change", link.pk)))
    send(staff_client, page(ShareLink, "stop_sharing", link.pk))

    link.refresh_from_db()
    assert str(link.pk) in found
    assert str(other.pk) not in found
    assert link.token not in shown
    assert link.revoked_at is not None
    assert ShareLink.objects.filter(revoked_at__isnull=True).count() == 1


def test_nothing_can_be_added_or_deleted_and_only_an_account_can_be_stopped(staff_client: Client, staff: User):
    request = staff_client.get("/admin/").wsgi_request
    pages = [admin.site.get_model_admin(model) for model in registered()]

    assert not any(found.has_add_permission(request) or found.has_delete_permission(request) for found in pages)
    assert [found.model for found in pages if found.has_change_permission(request)] == [User]


def test_account_is_stopped_and_nothing_else_of_it_changes(staff_client: Client, owner: User):
    url = page(User, "change", owner.pk)
    rows = {f"{name}-{kind}_FORMS": 0 for name in ("wallet", "ledger_entries") for kind in ("TOTAL", "INITIAL")}

    staff_client.post(url, {"email": "other@example.com", "is_staff": "on", **rows})

    owner.refresh_from_db()
    assert (owner.is_active, owner.is_staff, owner.email) == (False, False, "owner@example.com")


@pytest.mark.parametrize("number", ["²", "9" * 5_000, "x"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_page_of_rows_that_is_no_number_is_the_first(staff_client: Client, owner: User, method: str, number: str):
    answer = getattr(staff_client, method)(page(User, "change", owner.pk), {"ledger_entries-page": number})

    assert answer.status_code in (200, 302)


@pytest.mark.parametrize("number", ["1", "x", ""])
def test_rows_that_are_only_looked_at_take_nothing_of_what_is_sent(staff_client: Client, owner: User, number: str):
    rows = {f"{name}-{kind}_FORMS": number for name in ("wallet", "ledger_entries") for kind in ("TOTAL", "INITIAL")}

    answer = staff_client.post(page(User, "change", owner.pk), {**rows, "wallet-0-available": "1000"})

    owner.refresh_from_db()
    assert (answer.status_code, owner.is_active) == (302, False)
    assert not Wallet.objects.exists()


def test_unknown_row_is_not_found(staff_client: Client):
    assert staff_client.get(page(User, "grant_credits", uuid.uuid4())).status_code == 404
