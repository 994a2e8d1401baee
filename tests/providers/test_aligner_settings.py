"""Which aligners are tried, by what is set up."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from canvascast.pages.facts import facts
from canvascast.settings import providers

KEY = "sk-test"  # pragma: allowlist secret


@pytest.fixture(autouse=True)
def _nothing_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "WHISPER_MODEL", "WHISPER_FOLDER", "ALIGNERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(providers, "find_spec", lambda name: object())


@pytest.mark.parametrize(
    ("environment", "order"),
    [
        ({}, ["speaker-events"]),
        ({"WHISPER_MODEL": "base"}, ["speaker-events", "whisper"]),
        ({"OPENAI_API_KEY": KEY}, ["speaker-events", "openai"]),
        ({"OPENAI_API_KEY": KEY, "WHISPER_MODEL": "base"}, ["speaker-events", "whisper", "openai"]),
        ({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, ["speaker-events"]),
        ({"WHISPER_MODEL": "base", "ALIGNERS": "whisper, speaker-events"}, ["whisper", "speaker-events"]),
    ],
)
def test_what_is_set_up_is_tried_in_order(
    environment: dict[str, str], order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)

    assert providers.aligners(providers.accounts()) == order


@pytest.mark.parametrize(
    ("environment", "waited_for"),
    [
        ({}, set()),
        ({"WHISPER_MODEL": "base"}, set()),
        ({"WHISPER_MODEL": "base", "OPENAI_API_KEY": KEY}, {"openai"}),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, {"openai"}),
    ],
)
def test_whisper_makes_no_queue_of_work_that_waits(
    environment: dict[str, str], waited_for: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that no worker is told to serve would hold every video up."""
    for name, text in environment.items():
        monkeypatch.setenv(name, text)

    assert providers.far_away(providers.accounts()) == waited_for


def test_a_named_aligner_that_is_not_set_up_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIGNERS", "whisper")

    with pytest.raises(ImproperlyConfigured) as caught:
        providers.aligners(providers.accounts())

    assert str(caught.value) == "ALIGNERS names “whisper”, which is not set up: set WHISPER_MODEL."


def test_whisper_without_its_program_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHISPER_MODEL", "base")
    monkeypatch.setattr(providers, "find_spec", lambda name: None)

    with pytest.raises(ImproperlyConfigured) as caught:
        providers.accounts()

    assert str(caught.value) == "WHISPER_MODEL is set, but Whisper is not installed: run `make whisper`."


def test_weights_lie_in_their_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHISPER_MODEL", "base")
    monkeypatch.setenv("CANVASCAST_VAR", str(tmp_path))

    found = [providers.accounts()["whisper"].base_url]
    monkeypatch.setenv("WHISPER_FOLDER", str(tmp_path / "weights & more"))
    found.append(providers.accounts()["whisper"].base_url)

    assert found == [(tmp_path / name).as_uri() for name in ("models", "weights & more")]


@pytest.mark.parametrize(
    ("order", "outside"), [(["speaker-events", "whisper"], ()), (["speaker-events", "openai"], ("openai",))]
)
def test_a_service_that_hears_the_voice_is_named_on_the_privacy_page(order: list[str], outside: tuple) -> None:
    with override_settings(ALIGNERS=order):
        assert facts().outside_engines == outside
