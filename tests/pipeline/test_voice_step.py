"""The voice step: narrow requests, pauses, loudness, whole frames."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from apps.pipeline.contracts import SAMPLE_RATE, SAMPLES_PER_FRAME, Script, VoiceTake
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.speaker.base import SpeechRequest
from apps.pipeline.providers.speaker.espeak import EspeakSpeaker
from apps.pipeline.providers.speaker.soundness import check_pauses
from apps.pipeline.render.loudness import measure
from apps.pipeline.render.wav import wav_samples
from apps.pipeline.steps.voice import JoinRequest, VoiceStep
from tests.pipeline.folder_store import FolderContext, folder_context
from tests.pipeline.spoken import ENGLISH, GERMAN, MANDARIN, narrate, script_of, silences_in, voice_inputs


@pytest.fixture
def context(tmp_path: Path) -> FolderContext:
    return folder_context(tmp_path)


def test_take_request_holds_nothing_but_what_is_said() -> None:
    script = script_of()
    other = replace(
        script, title="Other", scenes=tuple(replace(s, image_prompt="x", caption="y") for s in script.scenes)
    )
    step = VoiceStep()

    assert step.parts(voice_inputs(other)) == step.parts(voice_inputs(script))


def test_pace_and_speed_make_the_words_a_minute() -> None:
    inputs = voice_inputs(script_of())
    inputs.brief["pace"], inputs.brief["voice"] = "fast", replace(inputs.brief["voice"], speed=1.5)

    requests = VoiceStep().parts(inputs).values()

    assert {request.words_per_minute for request in requests} == {270}


def test_take_is_stored_raw_at_48_khz(context: FolderContext) -> None:
    step, context.provider = VoiceStep(), EspeakSpeaker()
    request = step.parts(voice_inputs(script_of()))["s1"]

    take = step.make_part(request, context)

    with wave.open(str(context.store.fetch(take.audio))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        assert file.getnframes() == take.samples
    assert len(take.word_times) == len(request.tokens)
    assert take.provider == "espeak"


@pytest.mark.parametrize(
    "text",
    [
        "Wait, , , — — — — — now go.",
        "Wait... Now go. A (long) pause?! Then … “more.” — And “so on”.",
        "He said: “ ... ... ... ” “...” Well. That is all there is.",
    ],
)
@pytest.mark.parametrize("words_per_minute", [60, 150])
def test_written_pauses_are_no_dead_air(text: str, words_per_minute: int, context: FolderContext) -> None:
    step, context.provider = VoiceStep(), EspeakSpeaker()
    request = replace(step.parts(voice_inputs(script_of((text,))))["s1"], words_per_minute=words_per_minute)

    assert step.make_part(request, context).samples > SAMPLE_RATE


@pytest.mark.parametrize(
    ("lengths", "words_per_minute", "passes"),
    [
        ((0.0, 2.5, 0.0), 150, True),
        ((0.0, 3.5, 0.0), 150, False),
        ((0.0, 3.5, 0.0), 75, True),
        ((0.0, 7.0, 0.0), 60, False),
        ((5.0, 0.5, 5.0), 150, True),
    ],
    ids=["a pause", "dead air", "a slow reading", "dead air in the slowest", "silent ends"],
)
def test_take_that_falls_silent_between_its_words_is_not_kept(
    lengths: tuple[float, float, float], words_per_minute: int, passes: bool
) -> None:
    before, between, after = (np.zeros(round(seconds * SAMPLE_RATE), np.int16) for seconds in lengths)
    sound = (np.sin(np.arange(SAMPLE_RATE) * 0.06) * 8_000).astype(np.int16)
    samples = np.concatenate([before, sound, between, sound, after])
    request = SpeechRequest((), "en-us", "en", words_per_minute)

    if passes:
        check_pauses(samples, request)
    else:
        with pytest.raises(Transient) as failure:
            check_pauses(samples, request)
        assert failure.value.code == "voice_bad_audio"


@pytest.mark.parametrize(
    ("voice_id", "texts"),
    [("en-us", ENGLISH), ("en-gb-woman", ENGLISH), ("en-scotland", ENGLISH), ("de", GERMAN), ("cmn", MANDARIN)],
)
def test_narration_has_the_delivered_loudness(voice_id: str, texts: tuple[str, ...], context: FolderContext) -> None:
    narration = narrate(script_of(texts), context, voice_id)

    heard = measure(context.store.fetch(narration.master), seconds=narration.duration_ms / 1000)
    assert (heard.lufs, heard.true_peak_db) == (narration.loudness_lufs, narration.true_peak_db)
    assert heard.lufs == pytest.approx(-16.0, abs=0.5)
    assert heard.true_peak_db <= -1.5


def test_scenes_follow_each_other_in_whole_frames(context: FolderContext) -> None:
    narration = narrate(script_of(), context)

    starts = [scene.start_frame for scene in narration.scenes]
    assert starts == [0, *np.cumsum([scene.frames for scene in narration.scenes])[:-1]]
    assert len(wav_samples(context.store.fetch(narration.master))) == narration.duration_frames * SAMPLES_PER_FRAME
    assert narration.duration_ms == round(narration.duration_frames / 30 * 1000)
    assert [scene.lead_samples for scene in narration.scenes] == [7_200, 0, 0]


def test_pauses_close_scenes_paragraphs_and_the_film(context: FolderContext) -> None:
    narration = narrate(script_of(), context)

    heard = silences_in(context.store.fetch(narration.master), -45)
    pauses = [_pause_before(heard, scene.start_frame / 30) for scene in narration.scenes[1:]]
    assert pauses == pytest.approx([0.38, 0.73], abs=0.06)
    assert narration.duration_ms / 1000 - heard[-1][0] == pytest.approx(0.63, abs=0.06)


def test_join_starts_and_ends_without_a_click(context: FolderContext) -> None:
    narration = narrate(script_of(), context)

    samples = wav_samples(context.store.fetch(narration.master))[:, 0].astype(int)
    for scene in narration.scenes:
        first = scene.start_frame * SAMPLES_PER_FRAME + scene.lead_samples
        last = first + scene.voiced_samples
        assert abs(samples[first]) < 40
        assert abs(samples[last - 1]) < 40


def test_same_takes_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (narrate(script_of(), folder_context(tmp_path / name)) for name in ("a", "b"))

    assert (first.master, first.mp3) == (second.master, second.mp3)


def test_silent_take_fails_with_a_sentence(context: FolderContext) -> None:
    path = context.scratch / "silent.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(bytes(2 * SAMPLE_RATE))
    take = VoiceTake("s1", context.store.put(path, ".wav"), SAMPLE_RATE, None, "any")

    with pytest.raises(Rejected) as refusal:
        VoiceStep().make(JoinRequest((take,), (False,)), context)

    assert refusal.value.code == "silent_audio"


def test_join_depends_on_takes_and_paragraphs_alone() -> None:
    script = script_of()
    take = VoiceTake("s1", None, 1, None, "any")
    parts = {scene.scene_id: replace(take, scene_id=scene.scene_id) for scene in script.scenes}

    request = VoiceStep().request(voice_inputs(_repainted(script), parts))

    assert request == JoinRequest(tuple(parts.values()), (False, True, False))


def _repainted(script: Script) -> Script:
    return replace(script, scenes=tuple(replace(scene, image_prompt="other") for scene in script.scenes))


def _pause_before(silences: list[tuple[float, float]], moment: float) -> float:
    start, end = min(silences, key=lambda silence: abs(silence[1] - moment))
    return end - start
