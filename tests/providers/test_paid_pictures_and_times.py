"""Whole jobs before failing vendors: each fault ends as declared, and nothing that was bought is bought again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from apps.pipeline.actions import retry_video
from apps.pipeline.models import ProviderCall
from apps.pipeline.providers import registry
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.states import JobState
from tests.engine.conftest import owner, trivial
from tests.pipeline.test_images_step import png_claiming
from tests.providers.paid_jobs import assert_failed, ordered, run, states
from tests.providers.painting import PATIENT, VENDORS, refuses, sends
from tests.providers.vendor_steps import SCENES, WORDS
from tests.wire import gemini_pictures, openai_pictures
from tests.wire.gemini_pictures import GeminiPictures
from tests.wire.openai_pictures import OpenAIPictures
from tests.wire.server import DRIP, RESET, SILENCE, Fault, WireServer, answer, status

__all__ = ["owner", "trivial"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding_here")]

REDIRECT = answer(b"", code=302, Location="http://127.0.0.1:9/")
# What passes by itself is tried again; what an operator must mend ends the job at once.
PASSING: dict[str, Fault] = {
    "429-and-when": status(429, Retry_After="0.2"),
    "500": status(500),
    "silence": SILENCE,
    "reset": RESET,
    "drip": DRIP,
    "invalid-json": answer(b'{"data": [{'),
    "error-with-200": answer(b'{"error": {"message": "no"}}'),
}
WITH_LONG_ONES_SLOW = [
    pytest.param(fault, id=name, marks=pytest.mark.slow if name in ("silence", "drip") else ())
    for name, fault in PASSING.items()
]
ENDING: dict[str, tuple[Fault, str]] = {
    "purse": (status(429, "insufficient_quota"), "vendor_purse_empty"),
    "key": (status(401), "vendor_refuses_key"),
    "redirect": (REDIRECT, "vendor_redirects"),
}
# Of pictures alone: bytes that are none.
NO_PICTURES: dict[str, bytes] = {
    "html": b"<html>busy</html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "bomb": png_claiming(50_000, 50_000),
    "empty": b"",
}


@pytest.fixture(params=[VENDORS[0], *(pytest.param(vendor, marks=pytest.mark.slow) for vendor in VENDORS[1:])])
def painter(request: pytest.FixtureRequest, trivial) -> Iterator[tuple[str, WireServer]]:
    vendor = request.param
    server = GeminiPictures() if vendor == "gemini" else OpenAIPictures()
    key, base = (gemini_pictures.KEY, "/") if vendor == "gemini" else (openai_pictures.KEY, "/v1")
    registry.use_accounts({vendor: Account(vendor, key, f"{server.url}{base}", {"picture": "image-1"}, PATIENT)})
    trivial.PROVIDERS = {**trivial.PROVIDERS, "painter": vendor}
    trivial.PIPELINE_STEPS = "tests.providers.vendor_steps.PICTURES"
    yield vendor, server
    server.close()
    registry.use_accounts(trivial.PROVIDER_ACCOUNTS)


@pytest.fixture
def hearing(trivial) -> Iterator[OpenAIPictures]:
    """OpenAI alone times the words, and hears the script as it is."""
    server = OpenAIPictures()
    server.heard = [(word, 0.3 * place, 0.3 * place + 0.3) for place, word in enumerate(WORDS[0].split())]
    account = Account("openai", openai_pictures.KEY, f"{server.url}/v1", {"hearing": "whisper-1"}, PATIENT)
    registry.use_accounts({"openai": account})
    trivial.ALIGNERS = ["openai"]
    trivial.PIPELINE_STEPS = "tests.providers.vendor_steps.TIMES"
    yield server
    server.close()
    registry.use_accounts(trivial.PROVIDER_ACCOUNTS)


@pytest.mark.goal("R13", "R14")
@pytest.mark.parametrize("fault", WITH_LONG_ONES_SLOW)
def test_a_fault_of_one_picture_costs_that_picture_alone(painter, owner, fault: Fault) -> None:
    _, server = painter
    server.fail(None, fault)

    job = run(ordered(owner))

    assert job.state == JobState.READY
    assert len(server.calls) == SCENES + 1
    assert states("painter") == ["ok", "failed", "ok", "ok"]


@pytest.mark.goal("R13")
@pytest.mark.parametrize(("fault", "code"), ENDING.values(), ids=ENDING.keys())
def test_what_an_operator_must_mend_ends_the_video_and_returns_its_credits(
    painter, owner, fault: Fault, code: str
) -> None:
    _, server = painter
    server.fail(None, fault)

    job = run(ordered(owner))

    assert_failed(job, code, "IMAGE_GEN")
    assert len(server.calls) == 2


@pytest.mark.goal("R13")
@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_bytes_that_are_no_picture_are_asked_for_again(painter, owner, content: bytes) -> None:
    vendor, server = painter
    server.fail(sends(vendor, content))

    job = run(ordered(owner))

    assert (job.state, len(server.calls)) == (JobState.READY, SCENES + 1)


@pytest.mark.goal("R13")
def test_a_service_that_stays_broken_is_asked_three_times(painter, owner) -> None:
    _, server = painter
    server.fail(None, None, *[status(500)] * 9)

    job = run(ordered(owner))

    assert_failed(job, "vendor_trouble", "IMAGE_GEN")
    assert states("painter") == ["ok", "ok", "failed", "failed", "failed"]


def test_a_description_refused_twice_ends_the_video_in_words(painter, owner) -> None:
    vendor, server = painter
    server.fail(refuses(vendor), refuses(vendor))

    job = run(ordered(owner))

    assert_failed(job, "picture_refused", "IMAGE_GEN")
    name = {"gemini": "Gemini", "openai": "OpenAI"}[vendor]
    assert job.error_message == (
        "We couldn’t draw scene 1. The picture service refused the description: "
        f"{name} will not draw this. Describe this picture otherwise; what is finished is not made twice."
    )


@pytest.mark.goal("R14")
def test_another_try_buys_only_what_is_missing(painter, owner) -> None:
    _, server = painter
    server.fail(None, None, status(401))
    failed = run(ordered(owner))

    job = run(retry_video(job=failed, by=owner, at=timezone.now()))

    assert job.state == JobState.READY
    assert len(server.paid) == SCENES


def test_every_bought_picture_has_its_cost(painter, owner) -> None:
    vendor, server = painter

    run(ordered(owner))

    calls = ProviderCall.objects.values_list("provider", "method", "model", "units")
    tokens = {"gemini": 1_380, "openai": 1_688}[vendor]
    assert list(calls) == [(vendor, "paint", "image-1", tokens)] * len(server.paid)
    assert all(cost > 10_000 for cost in ProviderCall.objects.values_list("cost_micro_usd", flat=True))


@pytest.mark.goal("R13")
@pytest.mark.slow  # pictures meet the same faults in every run
@pytest.mark.parametrize("fault", WITH_LONG_ONES_SLOW)
def test_a_fault_of_one_hearing_is_tried_again(hearing: OpenAIPictures, owner, fault: Fault) -> None:
    hearing.fail(fault)

    job = run(ordered(owner))

    assert job.state == JobState.READY
    assert (len(hearing.calls), states("aligner")) == (2, ["failed", "ok"])


@pytest.mark.goal("R13")
@pytest.mark.slow  # likewise
@pytest.mark.parametrize(("fault", "code"), ENDING.values(), ids=ENDING.keys())
def test_what_an_operator_must_mend_ends_the_hearing(hearing: OpenAIPictures, owner, fault: Fault, code: str) -> None:
    hearing.fail(fault)

    job = run(ordered(owner))

    assert_failed(job, code, "ALIGNMENT")
    assert len(hearing.calls) == 1


def test_a_voice_that_says_something_else_is_heard_three_times(hearing: OpenAIPictures, owner) -> None:
    hearing.heard = [("Nothing", 0.1, 0.5), ("like", 0.5, 0.9), ("that", 0.9, 1.4)]

    job = run(ordered(owner))

    assert_failed(job, "alignment_quality", "ALIGNMENT")
    assert (len(hearing.calls), states("aligner")) == (3, ["ok"] * 3)


def test_the_free_aligner_is_asked_first(hearing: OpenAIPictures, owner, settings) -> None:
    settings.ALIGNERS = ["speaker-events", "openai"]

    job = run(ordered(owner))

    assert job.state == JobState.READY
    calls = ProviderCall.objects.filter(capability="aligner").values_list("provider", "state")
    assert (hearing.calls, list(calls)) == ([], [("speaker-events", "ok")])
