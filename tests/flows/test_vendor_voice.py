"""A whole video told by ElevenLabs, whose server has trouble twice: through the real command, worker and SDK."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.flows.conftest import TRANSCRIPT, Workplace, unpack
from tests.wire import server as wire
from tests.wire.contracts import violations
from tests.wire.elevenlabs import KEY, RACHEL, ElevenLabsServer

pytestmark = pytest.mark.slow
SPEAK = r"/v1/text-to-speech/.*"


@pytest.fixture(scope="module")
def told(workplace: Workplace):
    """The vendor's server after the video, what the command printed, and the package."""
    with wire.serving(ElevenLabsServer()) as vendor:
        keys = {"ELEVENLABS_API_KEY": KEY, "ELEVENLABS_BASE_URL": vendor.url}
        place = replace(workplace, environment={**workplace.environment, **keys})
        (place.folder / "told.txt").write_text(TRANSCRIPT)
        # The first call lists the voices.
        vendor.fail(None, wire.status(500), None, wire.status(429, Retry_After="1"))
        made = place.run("make_video", "--script", "told.txt", "--shape", "1:1", "--out", "told.mp4", "--json")
        assert made.returncode == 0, made.stderr[-3000:]
        yield vendor, json.loads(made.stdout), unpack(place, json.loads(made.stdout))


def test_default_voice_is_the_first_vendors_first(told):
    vendor, _, _ = told

    assert {call.path.split("/")[3] for call in vendor.asked(SPEAK)} == {RACHEL}


def test_each_scene_is_paid_for_once_although_the_vendor_had_trouble(told, workplace):
    vendor, facts, _ = told

    texts = [call.json["text"] for call in vendor.paid]
    calls = workplace.query(
        "SELECT c.state, c.provider, c.model, c.units, c.cost_micro_usd FROM provider_calls c "
        "JOIN job_steps s ON s.id = c.job_step_id WHERE s.job_id = %s AND c.capability = 'speaker'",
        facts["job_id"],
    )
    assert len(texts) == len(set(texts)) >= 2
    assert len(vendor.asked(SPEAK)) == len(texts) + 2
    paid = sorted((call for call in calls if call[0] == "ok"), key=lambda call: call[3])
    assert paid == sorted(
        (("ok", "elevenlabs", "eleven_multilingual_v2", len(text), len(text) * 300) for text in texts),
        key=lambda call: call[3],
    )
    assert [call[0] for call in calls].count("failed") == 2


def test_captions_are_the_scripts_words_at_the_vendors_times(told):
    _, _, package = told

    words = package.json("alignment.json")["words"]
    assert [word["text"] for word in words] == TRANSCRIPT.split()
    assert all(word["start"] < word["end"] for word in words)


def test_requests_are_as_the_vendor_describes_them(told):
    vendor, _, _ = told

    assert violations("elevenlabs", vendor.calls) == []
