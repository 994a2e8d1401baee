"""On the way to an account the text is seen to be kept, and it is there afterwards."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from apps.accounts.models import User
from apps.drafts.models import DraftPrompt
from tests.accounts.conftest import code_of

__all__ = ["code_of"]

pytestmark = pytest.mark.django_db

FORM = {"way": "describe", "prompt": "Why do cats purr at night?", "niche": "history", "minutes": "3", "shape": "9:16"}


def words(answer) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


@pytest.mark.parametrize("page", ["/accounts/signup/", "/accounts/login/", "/accounts/login/code/"])
def test_page_shows_what_is_saved_and_what_it_will_cost(client, page):
    client.post("/", FORM)

    shown = words(client.get(page))

    assert "Your text is saved" in shown
    assert "“Why do cats purr at night?”" in shown
    assert "Kind History Shape 9:16" in shown
    assert "5 credits" in shown
    assert "Kept for 7 days" in shown


def test_sign_up_without_a_text_shows_no_slip(client):
    shown = words(client.get("/accounts/signup/"))

    assert "Your text is saved" not in shown
    assert "Your first 10 credits are a welcome gift, once a mailbox." in shown


def test_text_waits_beside_the_code(client):
    client.post("/", FORM)
    page = client.post("/accounts/signup/", {"email": "ada@example.com"}, follow=True)

    assert "Your text is saved and comes right after this: “Why do cats purr at night?”" in words(page)
    assert 'autocomplete="one-time-code"' in page.content.decode()


def test_code_of_a_new_account_leads_to_the_text(client, code_of):
    client.post("/", FORM)
    client.post("/accounts/signup/", {"email": "ada@example.com"})

    page = client.post("/accounts/confirm-email/", {"code": code_of()}, follow=True)

    assert _restored(page) == ("Why do cats purr at night?", "history", 3, "9:16")


def test_code_of_an_old_account_leads_to_the_text(client, code_of):
    User.objects.create_user("ada@example.com").emailaddress_set.create(
        email="ada@example.com", verified=True, primary=True
    )
    client.post("/", FORM)
    client.post("/accounts/login/code/", {"email": "ada@example.com"})

    page = client.post("/accounts/login/code/confirm/", {"code": code_of()}, follow=True)

    assert _restored(page) == ("Why do cats purr at night?", "history", 3, "9:16")


def test_text_that_expired_meanwhile_is_said_calmly(client, code_of):
    client.post("/", FORM)
    DraftPrompt.objects.update(created_at=timezone.now(), expires_at=timezone.now())
    client.post("/accounts/signup/", {"email": "ada@example.com"})

    page = client.post("/accounts/confirm-email/", {"code": code_of()}, follow=True)

    assert page.status_code == 200
    assert "Texts are kept for 7 days; the one that was typed here before is gone." in words(page)


def _restored(page) -> tuple[str, str, float, str]:
    order = page.context["form"].order()
    return order.prompt, order.niche, order.minutes, order.shape
