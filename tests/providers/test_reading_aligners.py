"""Who times the words of a recording: whoever listens, then the echo; the speakers' own times are of no use there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.pipeline.contracts import Blob, Recording
from apps.pipeline.providers import registry
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.provision import provider_for
from apps.pipeline.steps.alignment import AlignmentStep
from apps.pipeline.steps.voice import VoiceStep
from tests.engine.conftest import brief

READ = replace(
    brief("Why do cats purr?"),
    voice=replace(brief("Why do cats purr?").voice, provider="recording"),
    recording=Recording(Blob("0" * 64, 1, ".flac"), 48_000),
)


@pytest.fixture(autouse=True)
def _openai(settings):
    registry.use_accounts({"openai": Account("openai", "key", "http://127.0.0.1:9/", {"hearing": "whisper-1"})})
    yield
    registry.use_accounts(settings.PROVIDER_ACCOUNTS)


@pytest.mark.parametrize(
    ("aligners", "order"),
    [
        (["speaker-events"], ["echo"]),
        (["speaker-events", "openai"], ["openai", "echo"]),
        (["openai"], ["openai", "echo"]),
    ],
)
def test_a_recording_is_timed_by_listeners_and_then_by_its_echo(settings, aligners, order):
    settings.ALIGNERS = aligners

    found = provider_for(AlignmentStep(), READ)

    assert [member.name for member in getattr(found, "members", [found])] == order


def test_other_voices_are_timed_as_the_settings_say(settings):
    settings.ALIGNERS = ["speaker-events"]

    assert provider_for(AlignmentStep(), brief("Why do cats purr?")).name == "speaker-events"


def test_nobody_is_called_for_the_voice_of_a_recording():
    reader = provider_for(VoiceStep(), READ)

    assert (reader.name, getattr(reader, "is_remote", False)) == ("recording", False)
