"""Whole jobs before writers and speakers that fail: every fault ends as its table declares, and is paid once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from apps.pipeline.contracts import VoiceChoice
from apps.pipeline.models import Job
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError, RateLimited, Transient
from apps.pipeline.providers.vendors.account import Account
from tests.engine.conftest import owner, trivial
from tests.providers import test_speaker_elevenlabs, test_speaker_openai, test_writers, voicing
from tests.providers.paid_jobs import EMBEDDED_VOICE, assert_failed, assert_ready, ordered, run, states
from tests.providers.painting import PATIENT
from tests.providers.vendor_steps import SAID
from tests.wire import elevenlabs, gemini_text, openai_speech, openai_text
from tests.wire.server import Fault, WireServer, answer, status

__all__ = ["owner", "trivial"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("R13")]

STARTS = 3
Cell = tuple[Fault, type[PipelineError], str]
"""What happens to a call, and the error that it becomes: the tables say so."""
Table = dict[str, Cell]

SCRIPT_FAULTS: Table = {
    **test_writers.FAULTS,
    "busy until then": (status(429, "rate_limit_exceeded", Retry_After="30"), RateLimited, "rate_limited"),
}
SCRIPTS: dict[str, Table] = {"openai": SCRIPT_FAULTS, "gemini": SCRIPT_FAULTS}
VOICES: dict[str, Table] = {
    "openai": {
        **voicing.FAULTS,
        **{
            name: (answer(sound, "audio/pcm"), Transient, "voice_bad_audio")
            for name, sound in test_speaker_openai.BAD_SOUNDS.items()
        },
    },
    "elevenlabs": {
        **voicing.FAULTS,
        **{name: (what, Transient, code) for name, (what, code) in test_speaker_elevenlabs.BAD_ANSWERS.items()},
    },
}
QUICK = ("openai-key", "openai-invalid JSON")
"""Of both ways to end one in each run; before a voice fails, somebody has to speak, which takes longer."""


@dataclass(frozen=True)
class Service:
    """One vendor serves one step of a short video, by as many calls as there are `pieces`.

    The last of them is asked for `tries` times before the video fails.
    """

    server: WireServer
    capability: str
    step: str
    pieces: int
    tries: int
    voice: VoiceChoice = EMBEDDED_VOICE

    def make_video(self, owner: Any) -> Job:
        return run(ordered(owner, self.voice))

    def bodies(self) -> list[bytes]:
        return [call.body for call in self.server.calls]


def cells(tables: dict[str, Table], *kinds: type[PipelineError]) -> list[Any]:
    """Return a case for each fault that becomes one of these errors, or for all there are."""
    return [
        pytest.param(vendor, *cell, id=f"{vendor}-{name}", marks=marks_of(f"{vendor}-{name}", kinds))
        for vendor, table in tables.items()
        for name, cell in table.items()
        if not kinds or cell[1] in kinds
    ]


def marks_of(label: str, kinds: tuple[type[PipelineError], ...]) -> Any:
    return () if label in QUICK and not kinds else pytest.mark.slow


@pytest.fixture
def script(request: pytest.FixtureRequest, trivial) -> Iterator[Service]:
    """A vendor writes the narration, and then describes its scenes."""
    trivial.PROVIDERS = {**trivial.PROVIDERS, "writer": request.param}
    trivial.PIPELINE_STEPS = "tests.providers.vendor_steps.SCRIPT"
    if request.param == "gemini":
        server, _ = gemini_text.gemini_text()
        account = Account("gemini", gemini_text.KEY, server.url, {"text": "gemini-2.5-flash"}, PATIENT)
    else:
        server, _ = openai_text.openai_text()
        account = Account("openai", openai_text.KEY, f"{server.url}/v1", {"text": "gpt-5-mini"}, PATIENT)
    with serving(server, account, trivial):
        # The start that stored the narration is none that ended in nothing.
        yield Service(server, "writer", "SCRIPTING", 2, STARTS + 1)


@pytest.fixture
def takes(request: pytest.FixtureRequest, trivial) -> Iterator[Service]:
    """A vendor says three scenes."""
    trivial.PIPELINE_STEPS = "tests.providers.vendor_steps.TAKES"
    if request.param == "elevenlabs":
        server: WireServer = elevenlabs.ElevenLabsServer()
        voice = VoiceChoice("elevenlabs", elevenlabs.RACHEL)
        account = voicing.account("elevenlabs", server.url, elevenlabs.KEY, elevenlabs.MODEL, PATIENT)
    else:
        server, voice = openai_speech.speech_server(), VoiceChoice("openai", "coral")
        account = voicing.account("openai", f"{server.url}/v1", openai_speech.KEY, "gpt-4o-mini-tts", PATIENT)
    with serving(server, account, trivial):
        yield Service(server, "speaker", "VOICE_GEN", len(SAID), STARTS, voice)


@contextmanager
def serving(server: WireServer, account: Account, settings: Any) -> Iterator[None]:
    registry.use_accounts({account.vendor: account})
    try:
        yield
    finally:
        server.close()
        registry.use_accounts(settings.PROVIDER_ACCOUNTS)


@pytest.mark.parametrize(("script", "fault", "kind", "code"), cells(SCRIPTS), indirect=["script"])
def test_each_fault_of_the_script_ends_as_its_table_declares(script: Service, owner, fault, kind, code):
    assert_one_fault_ends_as_declared(script, owner, fault, kind, code)


@pytest.mark.parametrize(("takes", "fault", "kind", "code"), cells(VOICES), indirect=["takes"])
def test_each_fault_of_the_voice_ends_as_its_table_declares(takes: Service, owner, fault, kind, code):
    assert_one_fault_ends_as_declared(takes, owner, fault, kind, code)


@pytest.mark.parametrize(("script", "fault", "kind", "code"), cells(SCRIPTS, Transient), indirect=["script"])
def test_fault_of_the_script_that_stays_ends_the_video_with_its_code(script: Service, owner, fault, kind, code):
    assert_staying_fault_ends_with_its_code(script, owner, fault, code)


@pytest.mark.parametrize(("takes", "fault", "kind", "code"), cells(VOICES, Transient), indirect=["takes"])
def test_fault_of_the_voice_that_stays_ends_the_video_with_its_code(takes: Service, owner, fault, kind, code):
    assert_staying_fault_ends_with_its_code(takes, owner, fault, code)


@pytest.mark.parametrize(("script", "fault", "kind", "code"), cells(SCRIPTS, RateLimited), indirect=["script"])
def test_moment_that_a_writer_names_uses_up_no_try(script: Service, owner, fault, kind, code):
    assert_named_moments_use_up_no_try(script, owner, fault)


@pytest.mark.parametrize(("takes", "fault", "kind", "code"), cells(VOICES, RateLimited), indirect=["takes"])
def test_moment_that_a_speaker_names_uses_up_no_try(takes: Service, owner, fault, kind, code):
    assert_named_moments_use_up_no_try(takes, owner, fault)


def assert_one_fault_ends_as_declared(
    service: Service, owner: Any, fault: Fault, kind: type[PipelineError], code: str
) -> None:
    """What passes is asked for once more, that call alone; what an operator must mend ends the video at once."""
    service.server.fail(None, fault)

    job = service.make_video(owner)

    bodies = service.bodies()
    if issubclass(kind, Transient):
        assert_ready(job)
        assert states(service.capability) == ["ok", "failed", *["ok"] * (service.pieces - 1)]
        assert (len(bodies), len(set(bodies)), bodies.count(bodies[1])) == (service.pieces + 1, service.pieces, 2)
        # An answer that was lost on its way was paid for.
        assert len(service.server.paid) == service.pieces + (fault.reply is None)
    else:
        assert_failed(job, code, service.step)
        assert (states(service.capability), len(bodies), len(service.server.paid)) == (["ok", "failed"], 2, 1)


def assert_staying_fault_ends_with_its_code(service: Service, owner: Any, fault: Fault, code: str) -> None:
    """The last piece is tried again until nothing new was stored by three starts; those before it stay bought."""
    bought = service.pieces - 1
    service.server.fail(*[None] * bought, *[fault] * (2 * service.tries))

    job = service.make_video(owner)

    assert_failed(job, code, service.step)
    assert states(service.capability) == ["ok"] * bought + ["failed"] * service.tries
    assert len(set(service.bodies())) == service.pieces
    assert len(service.server.paid) == bought + (service.tries if fault.reply is None else 0)


def assert_named_moments_use_up_no_try(service: Service, owner: Any, fault: Fault) -> None:
    service.server.fail(None, *[fault] * (service.tries + 1))

    job = service.make_video(owner)

    assert_ready(job)
    assert sorted(states(service.capability)) == ["failed"] * (service.tries + 1) + ["ok"] * service.pieces
    assert len(service.server.paid) == service.pieces
