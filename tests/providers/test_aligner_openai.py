"""OpenAI's transcription as an aligner: the script's words at the times of what was heard."""

from __future__ import annotations

import io
import time
import wave
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from apps.pipeline.providers.aligner.base import AlignRequest
from apps.pipeline.providers.aligner.openai import OpenAIAligner
from apps.pipeline.providers.aligner.quality import check_alignment
from apps.pipeline.providers.errors import PipelineError, RateLimited, Rejected, Transient
from apps.pipeline.providers.vendors.account import Account, Timeouts
from apps.pipeline.render.wav import wav_samples
from tests.pipeline.spoken import tokens_of
from tests.pipeline.tones import write_wav
from tests.providers.painting import PATIENT, QUICK
from tests.providers.scenes import SpokenScene, spoken_scene
from tests.wire.forms import form_of, form_violations
from tests.wire.openai_pictures import KEY, OpenAIPictures, transcription
from tests.wire.server import DRIP, RESET, SILENCE, Reply, WireServer, answer, as_json, status


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> SpokenScene:
    return spoken_scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture
def server(scene: SpokenScene) -> Iterator[OpenAIPictures]:
    made = OpenAIPictures()
    made.heard = _as_heard(scene)
    yield made
    made.close()


def aligner_at(server: WireServer, timeouts: Timeouts = PATIENT) -> OpenAIAligner:
    return OpenAIAligner(Account("openai", KEY, f"{server.url}/v1", {"hearing": "whisper-1"}, timeouts))


def test_words_heard_as_figures_meet_the_scripts_words(server: OpenAIPictures, scene: SpokenScene) -> None:
    found = aligner_at(server).align(scene.request())

    check_alignment(found, scene.request())
    errors = [abs(word.start - true.start) for word, true in zip(found.words, scene.truth, strict=True)]
    assert max(errors) < 0.1
    assert (min(word.confidence for word in found.words), found.served_by) == (1.0, "openai")


def test_the_request_is_as_the_vendor_describes_it(server: OpenAIPictures, scene: SpokenScene) -> None:
    usage = aligner_at(server).align(scene.request()).usage

    (call,) = server.paid
    form = form_of(call)
    assert form.fields == {
        "model": ["whisper-1"],
        "language": ["en"],
        "response_format": ["verbose_json"],
        "timestamp_granularities[]": ["word"],
    }
    (sent,) = form.files["file"]
    with wave.open(io.BytesIO(sent.content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        assert sound.getnframes() / 16_000 == pytest.approx(scene.seconds, abs=0.001)
    assert (usage.model, usage.units) == ("whisper-1", round(scene.seconds))
    assert usage.cost_micro_usd == pytest.approx(scene.seconds * 100, abs=1)
    assert form_violations("openai", call, base="/v1") == []


def test_what_was_not_heard_lies_between_its_neighbours(server: OpenAIPictures, scene: SpokenScene) -> None:
    server.heard = [word for word in server.heard if word[0] not in ("lighthouse", "light.")]

    words = aligner_at(server).align(scene.request()).words

    missing = [word.index for word in words if word.confidence == 0.0]
    assert [scene.tokens[index].display for index in missing] == ["lighthouse", "light."]
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(words))
    assert abs(words[missing[0]].start - scene.truth[missing[0]].start) < 0.3


def test_another_text_is_below_the_bar(server: OpenAIPictures, scene: SpokenScene) -> None:
    server.heard = [("Nothing", 0.1, 0.5), ("like", 0.5, 0.9), ("that", 0.9, 1.4)]

    found = aligner_at(server).align(scene.request())

    with pytest.raises(Transient) as caught:
        check_alignment(found, scene.request())
    assert caught.value.code == "alignment_quality"


def test_a_voice_that_says_all_twice_is_below_the_bar(server: OpenAIPictures, scene: SpokenScene) -> None:
    server.heard = [*server.heard, *((word, start + 9.0, end + 9.0) for word, start, end in server.heard)]

    with pytest.raises(Transient) as caught:
        aligner_at(server).align(scene.request())

    assert (caught.value.code, str(caught.value)) == ("alignment_quality", "100% more was said than is written")
    assert caught.value.usage.cost_micro_usd > 0


def test_words_heard_in_silence_are_borne(server: OpenAIPictures, scene: SpokenScene) -> None:
    server.heard = [*server.heard, *((word, scene.seconds, scene.seconds) for word in ("Thanks", "for", "watching"))]

    check_alignment(aligner_at(server).align(scene.request()), scene.request())


@pytest.mark.parametrize(("said", "passes"), [(15, True), (13, True), (12, False), (10, False)])
def test_a_voice_that_stops_early_is_below_the_bar(
    server: OpenAIPictures, scene: SpokenScene, tmp_path: Path, said: int, passes: bool
) -> None:
    server.heard = server.heard[:said]
    cut = replace(scene, audio=_cut(scene, scene.truth[said - 1].end, tmp_path / "cut.wav"))

    found = aligner_at(server).align(cut.request())

    if passes:
        check_alignment(found, cut.request())
    else:
        with pytest.raises(Transient) as caught:
            check_alignment(found, cut.request())
        assert caught.value.code == "alignment_quality"


def test_silence_is_below_the_bar(server: OpenAIPictures, scene: SpokenScene) -> None:
    server.heard = []

    with pytest.raises(Transient):
        check_alignment(aligner_at(server).align(scene.request()), scene.request())


def test_mandarin_is_met_sign_by_sign(server: OpenAIPictures, tmp_path: Path) -> None:
    scene = spoken_scene(tmp_path, "猫会因为很多原因发出呼噜声。", "cmn", "cmn")
    server.heard = [("猫会", 0.05, 0.5), ("因为很多", 0.5, 1.3), ("原因", 1.3, 1.7), ("发出呼噜声", 1.7, 2.6)]

    found = aligner_at(server).align(scene.request())

    assert form_of(server.calls[0]).fields["language"] == ["zh"]
    assert [word.confidence for word in found.words] == [1.0] * len(scene.tokens)
    check_alignment(found, scene.request())


@pytest.mark.goal("R13")
@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (status(429), Transient, "rate_limited"),
        (status(429, "insufficient_quota"), PipelineError, "vendor_purse_empty"),
        (status(401), PipelineError, "vendor_refuses_key"),
        (status(400), PipelineError, "vendor_refuses_request"),
        (status(500), Transient, "vendor_trouble"),
        (SILENCE, Transient, "vendor_unreachable"),
        (RESET, Transient, "vendor_unreachable"),
        (DRIP, Transient, "vendor_unreachable"),
        (answer(b'{"error": {"message": "no"}}'), Transient, "vendor_bad_answer"),
        (answer(b'{"words": [{"word": '), Transient, "vendor_bad_answer"),
        (answer(b"<html>busy</html>", "text/html"), Transient, "vendor_bad_answer"),
        (answer(b'{"text": "In 1998"}'), Transient, "vendor_bad_answer"),
        (answer(b'{"text": "", "words": [{"word": "In", "start": "soon", "end": 1}]}'), Transient, "vendor_bad_answer"),
        (answer(b'{"text": "", "words": [{"word": "In", "start": NaN, "end": 1}]}'), Transient, "vendor_bad_answer"),
        (answer(b'{"text": "", "words": [{"start": 0, "end": 1}]}'), Transient, "vendor_bad_answer"),
        (answer(as_json(transcription([("a", 0.0, 0.1)] * 5_000)).body), Transient, "vendor_bad_answer"),
    ],
    ids=[
        "429",
        "429-purse",
        "401",
        "400",
        "500",
        "silence",
        "reset",
        "drip",
        "error-with-200",
        "invalid-json",
        "html",
        "no-words",
        "word-for-time",
        "nan",
        "no-word",
        "too-many-words",
    ],
)
def test_a_fault_ends_as_declared(server: OpenAIPictures, scene: SpokenScene, fault, kind, code: str) -> None:
    server.fail(fault)
    begun = time.monotonic()

    with pytest.raises(PipelineError) as caught:
        aligner_at(server, QUICK).align(scene.request())

    assert (type(caught.value), caught.value.code) == (kind, code)
    assert time.monotonic() - begun < 3.0


@pytest.mark.goal("R13")
def test_a_named_moment_is_kept(server: OpenAIPictures, scene: SpokenScene) -> None:
    server.fail(status(429, Retry_After="7"))

    with pytest.raises(RateLimited) as caught:
        aligner_at(server).align(scene.request())

    wait = caught.value.after - datetime.now(UTC)
    assert timedelta(seconds=5) < wait <= timedelta(seconds=7)


@pytest.mark.goal("R13", "S6")
def test_a_redirect_is_never_followed(server: OpenAIPictures, scene: SpokenScene) -> None:
    inside = WireServer({("POST", ".*"): lambda call, found: as_json({}), ("GET", ".*"): lambda call, found: Reply()})
    server.fail(answer(b"", code=307, Location=f"{inside.url}/latest/meta-data"))

    with pytest.raises(PipelineError) as caught:
        aligner_at(server).align(scene.request())

    inside.close()
    assert (caught.value.code, inside.calls) == ("vendor_redirects", [])


def test_times_out_of_order_or_outside_are_borne(server: OpenAIPictures, scene: SpokenScene) -> None:
    late = {"In", "of"}
    server.heard = [(word, start + 90.0 * (word in late), end) for word, start, end in server.heard]

    words = aligner_at(server).align(scene.request()).words

    assert all(0 <= word.start < word.end <= scene.seconds + 1e-6 for word in words)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(words))


def test_a_scene_beyond_the_vendors_limit_is_not_sent(server: OpenAIPictures, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        for _ in range(15):
            file.writeframes(np.zeros(48_000 * 60, "<i2").tobytes())

    with pytest.raises(Rejected) as caught:
        aligner_at(server).align(AlignRequest(tokens_of("So long"), path, "en", None))

    assert (caught.value.code, server.calls) == ("scene_too_long", [])


def _cut(scene: SpokenScene, seconds: float, path: Path) -> Path:
    return write_wav(path, wav_samples(scene.audio)[: round(seconds * 48_000), 0])


def _as_heard(scene: SpokenScene) -> list[tuple[str, float, float]]:
    """The words as whisper-1 writes them: figures for numbers, a little before the sound."""
    return [
        (token.display, max(time.start - 0.03, 0.0), time.end)
        for token, time in zip(scene.tokens, scene.truth, strict=True)
    ]
