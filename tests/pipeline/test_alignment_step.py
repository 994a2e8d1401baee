"""The alignment step: every word timed, onsets met, captions written."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from apps.pipeline.contracts import TokenTime
from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.aligner.quality import check_times
from apps.pipeline.providers.aligner.speaker_events import SpeakerEventsAligner
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.usage import Usage
from apps.pipeline.render.narration import write_take
from apps.pipeline.steps.alignment import AlignmentStep
from tests.pipeline.folder_store import FolderContext, folder_context
from tests.pipeline.spoken import (
    ENGLISH,
    GERMAN,
    MANDARIN,
    align,
    alignment_inputs,
    narrate,
    say,
    script_of,
    silences_in,
    tokens_of,
)

SPOKEN = [("en-us", ENGLISH), ("en-gb-woman", ENGLISH), ("en-scotland", ENGLISH), ("de", GERMAN), ("cmn", MANDARIN)]


@pytest.fixture
def context(tmp_path: Path) -> FolderContext:
    return folder_context(tmp_path)


def test_words_after_a_pause_start_within_40_ms_of_the_sound(tmp_path: Path) -> None:
    errors = [
        error
        for voice, texts in SPOKEN
        for pace in (120, 150, 180)
        for error in _onset_errors(tmp_path, voice, texts, pace)
    ]

    assert len(errors) > 60
    assert np.percentile(errors, 95) <= 0.040


@pytest.mark.parametrize(("voice_id", "texts"), SPOKEN)
def test_every_word_has_a_time_inside_its_scene(voice_id: str, texts: tuple[str, ...], context: FolderContext) -> None:
    script = script_of(texts)
    narration = narrate(script, context, voice_id)

    timings = align(script, narration, context)

    shown = [(scene.scene_id, token.display) for scene in script.scenes for token in scene.tokens]
    assert [(word.scene_id, word.text) for word in timings.words] == shown
    assert all(word.start < word.end for word in timings.words)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(timings.words))
    spans = {s.scene_id: (s.start_frame / 30, (s.start_frame + s.frames) / 30) for s in narration.scenes}
    assert all(spans[w.scene_id][0] <= w.start and w.end <= spans[w.scene_id][1] + 1e-9 for w in timings.words)


def test_words_are_heard_where_the_timeline_says(context: FolderContext) -> None:
    script = script_of()
    narration = narrate(script, context)

    timings = align(script, narration, context)

    heard = [end for _, end in silences_in(context.store.fetch(narration.master), -40)]
    first_words = [next(w.start for w in timings.words if w.scene_id == s.scene_id) for s in script.scenes]
    assert all(min(abs(start - onset) for onset in heard) < 0.04 for start in first_words)


def test_captions_hold_every_word_and_end_with_the_sound(context: FolderContext) -> None:
    script = script_of()
    narration = narrate(script, context)

    timings = align(script, narration, context)

    assert " ".join(" ".join(cue.lines) for cue in timings.cues) == " ".join(ENGLISH)
    assert timings.cues[-1].end <= narration.duration_ms / 1000
    srt = context.store.fetch(timings.srt).read_text("utf-8")
    assert srt.startswith("1\n00:00:00,1")
    assert context.store.fetch(timings.vtt).read_text("utf-8").startswith("WEBVTT\n\n1\n00:00:00.1")


def test_scene_request_holds_one_scenes_words_and_voice(context: FolderContext) -> None:
    script = script_of()
    narration = narrate(script, context)
    moved = replace(
        narration, scenes=tuple(replace(scene, start_frame=scene.start_frame + 9) for scene in narration.scenes)
    )
    repainted = replace(script, scenes=tuple(replace(scene, image_prompt="other") for scene in script.scenes))
    step = AlignmentStep()

    assert step.parts(alignment_inputs(repainted, moved)) == step.parts(alignment_inputs(script, narration))


def test_voice_without_word_times_is_refused(tmp_path: Path) -> None:
    request = AlignRequest(tokens_of("Hello there"), tmp_path / "absent.wav", "en", None)

    with pytest.raises(Rejected) as refusal:
        SpeakerEventsAligner().align(request)

    assert refusal.value.code == "no_word_times"


def test_bad_times_of_any_aligner_are_tried_again(context: FolderContext) -> None:
    script = script_of()
    narration = narrate(script, context)
    step, context.provider = AlignmentStep(), _Careless()

    with pytest.raises(Transient) as failure:
        step.make_part(step.parts(alignment_inputs(script, narration))["s1"], context)

    assert failure.value.code == "alignment_quality"


@pytest.mark.parametrize(
    ("words", "passes"),
    [
        ([(0, 0.0, 0.5), (1, 0.5, 1.0)], True),
        ([(0, 0.0, 0.5)], False),
        ([(1, 0.0, 0.5), (0, 0.5, 1.0)], False),
        ([(0, 0.0, 0.6), (1, 0.5, 1.0)], False),
        ([(0, 0.5, 0.5), (1, 0.5, 1.0)], False),
        ([(0, -0.1, 0.5), (1, 0.5, 1.0)], False),
        ([(0, 0.0, 0.5), (1, 0.5, 1.1)], False),
    ],
)
def test_times_pass_when_complete_in_order_and_inside(words: list[tuple[int, float, float]], passes: bool) -> None:
    times = [TokenTime(*word) for word in words]

    if passes:
        check_times(times, 2, 1.0)
    else:
        with pytest.raises(Transient):
            check_times(times, 2, 1.0)


class _Careless:
    name = identity = "careless"

    def align(self, request: AlignRequest) -> Alignment:
        return Alignment((TokenTime(0, 0.0, 0.5),), Usage("careless"), "careless")


def _onset_errors(folder: Path, voice_id: str, texts: tuple[str, ...], words_per_minute: int) -> list[float]:
    path, text = folder / "take.wav", ("" if voice_id == "cmn" else " ").join(texts)
    speech = say(text, voice_id, words_per_minute)
    seconds = write_take(speech.pcm, speech.sample_rate, path) / 48_000
    words = SpeakerEventsAligner().align(AlignRequest(tokens_of(text), path, "en", speech.word_times)).words
    onsets = [end for _, end in silences_in(path) if end < seconds - 0.1]
    return [abs(next(word.start for word in words if (word.start + word.end) / 2 > onset) - onset) for onset in onsets]
