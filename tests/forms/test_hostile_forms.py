"""Whatever is sent to whatever address of the site is answered in words, and soon.

The walk finds forms by looking at the pages, and addresses by the site's own table of them: a new one is walked over
without anybody adding it here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as drawn_from

from apps.accounts.models import User
from apps.pipeline.providers import registry
from apps.pipeline.providers.vendors.account import Account
from tests.chaos.records import Scene
from tests.chaos.seeds import any_seed
from tests.forms import hostile, walk
from tests.forms.ground import Ground, build_ground
from tests.forms.hostile import BAD_IDS, Request
from tests.forms.walk import Tally, Target
from tests.payments.conftest import shop, stripe_server

__all__ = ["shop", "stripe_server"]

pytestmark = [pytest.mark.django_db, pytest.mark.goal("S2"), pytest.mark.timeout(1200)]

# For programs, for staff (whose forms are walked over too), of services that are not set up, and one that is only read.
WITHOUT_FORM = ("api/", "admin/", "accounts/social/", "accounts/3rdparty/", "accounts/oidc/", "accounts/2fa/recovery-c")
# Takes half a second whatever is sent.
DEAR = ("api/openapi.json",)
FULL = settings(
    max_examples=20,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def open_site(settings) -> Iterator[None]:
    """Everything that can be set up is: limits let all through, voices are learned, the painter looks at pictures."""
    settings.API_RATES = dict.fromkeys(django_settings.API_RATES, "100000/min")
    settings.ACCOUNT_RATE_LIMITS = False
    settings.ANYMAIL = {"RESEND_SIGNING_SECRET": "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw=="}  # pragma: allowlist secret
    settings.CLONER = "elevenlabs"
    settings.PROVIDERS = {**settings.PROVIDERS, "painter": "gemini"}
    registry.use_accounts({"gemini": Account("gemini", "key", "http://127.0.0.1:9/", {"picture": "image"})})
    yield
    registry.use_accounts(settings.PROVIDER_ACCOUNTS)


@pytest.fixture
def full_site(open_site, shop) -> Ground:
    """The site with a shop, in which the owner has a plan; staff and people half-way through a door are there too."""
    ground = build_ground(is_whole=True)
    shop.subscribe(User.objects.get(email="owner@example.com"), "plan_creator")
    return ground


@pytest.mark.small
def test_every_form_answers_hostile_fields_in_words_and_soon(open_site):
    ground, tally = build_ground(is_whole=False), Tally()
    shown = walk.shown_forms(ground, is_staff_too=False)

    for number, target in enumerate(walk.targets(ground, shown, is_staff_too=False)):
        if target.pattern in DEAR:
            continue
        walk.send(ground, target, hostile.spoiled_in_turn(target.form, number), tally)

    assert not tally.faults, "\n".join(tally.faults)
    assert tally.requests > 90


@pytest.mark.small
def test_every_address_answers_ids_that_are_none_in_words_and_soon(open_site):
    ground, tally = build_ground(is_whole=False), Tally()

    for number, target in enumerate(walk.misnamed(ground, is_staff_too=False)):
        walk.send(ground, target(BAD_IDS[number % len(BAD_IDS)]), Request(), tally)

    assert not tally.faults, "\n".join(tally.faults)
    assert tally.requests > 60


@pytest.mark.slow
def test_pages_lead_to_every_address_that_changes_something(full_site):
    missing = walk.without_form(walk.shown_forms(full_site, is_staff_too=True))

    assert [pattern for pattern in missing if not pattern.startswith(WITHOUT_FORM)] == []


@pytest.mark.slow
def test_every_form_of_everybody_answers_whatever_is_sent(full_site, scenario):
    shown = walk.shown_forms(full_site, is_staff_too=True)

    seed = any_seed()
    with scenario("S2", "every form", size="full", seed=seed, broken=list) as scene:
        send_drawn(full_site, walk.targets(full_site, shown, is_staff_too=True), seed, scene)


@pytest.mark.slow
def test_every_page_answers_whatever_its_query_is(full_site, scenario):
    shown = walk.shown_forms(full_site, is_staff_too=True)

    seed = any_seed()
    with scenario("S2", "every query", size="full", seed=seed, broken=list) as scene:
        send_drawn(full_site, walk.queries(full_site, shown), seed, scene)


@pytest.mark.slow
def test_every_address_answers_whatever_its_ids_are(full_site, scenario):
    tally = Tally()

    with scenario("S2", "every id", size="full", broken=list) as scene:
        for target in walk.misnamed(full_site, is_staff_too=True):
            for bad in BAD_IDS:
                walk.send(full_site, target(bad), Request(), tally)
        conclude(tally, scene)


def send_drawn(ground: Ground, targets: Sequence[Target], seed: int, scene: Scene) -> None:
    tally = Tally()
    for number, target in enumerate(targets):
        _send_drawn_to(ground, target, seed + number, tally)
    scene.note(forms=len(targets))
    conclude(tally, scene)


def _send_drawn_to(ground: Ground, target: Target, seed: int, tally: Tally) -> None:
    @drawn_from(seed)
    @FULL
    @given(hostile.requests(target.form))
    def send(request: Request) -> None:
        walk.send(ground, target, request, tally)

    send()


def conclude(tally: Tally, scene: Scene) -> None:
    slowest = tally.slowest
    scene.note(requests=tally.requests, faults=len(tally.faults))
    scene.note(slowest_cpu_seconds=round(slowest.cpu_seconds, 2), its_clock_seconds=round(slowest.seconds, 2))
    assert not tally.faults, "\n".join(tally.faults[:40])
