"""What happens in the product is told to the funnel: videos, downloads, payments and plans."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.billing.payments.plans import end_plan
from canvascast.funnel.models import Fact
from canvascast.funnel.subjects import person_of
from tests.engine.conftest import owner, start, trivial
from tests.engine.test_runner import run
from tests.media.test_assets import keep
from tests.payments.conftest import buyer, shop, stripe_server

__all__ = ["buyer", "owner", "shop", "stripe_server", "trivial"]


def noted(user) -> list[tuple[str, str]]:
    return list(Fact.objects.filter(person=person_of(user.pk)).order_by("pk").values_list("kind", "detail"))


@pytest.mark.django_db(transaction=True)
def test_first_order_and_every_end_of_a_video_are_noted(trivial, owner):
    run(start(owner, "one two"))
    run(start(owner, "fine bug"))

    assert noted(owner) == [
        ("video_ordered", "first"),
        ("video_ready", "facts"),
        ("video_ordered", "again"),
        ("video_failed", "internal"),
    ]


@pytest.mark.django_db
def test_first_saving_of_a_file_is_noted_and_watching_is_not(trivial, owner, client, tmp_path):
    film = keep(owner, tmp_path)
    client.force_login(owner)
    address = reverse("pipeline:asset", args=[film.pk])

    for asked in (address, f"{address}?download", f"{address}?download"):
        client.head(asked)
        client.get(asked)

    assert noted(owner) == [("downloaded", "video")]


@pytest.mark.django_db
def test_a_plan_from_its_checkout_to_its_end_is_noted_once(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    end_plan(user=buyer)
    shop.hear()
    assert noted(buyer) == [
        ("checkout_opened", "plan_creator"),
        ("plan_started", "plan_creator"),
        ("paid", "plan_creator"),
    ]

    shop.stripe.advance(days=32)
    for _ in range(2):
        shop.hear()

    assert noted(buyer)[3:] == [("plan_ended", "plan_creator")]
