"""The rows of a finished video, with what its steps made, without making it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.pipeline.codec import to_json
from apps.pipeline.models import Artifact, Asset, Job, JobStep
from apps.pipeline.packaging import names
from apps.pipeline.states import StepState
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.timeline import TimelineStep
from tests.pages.conftest import file_of
from tests.pipeline.small_video import BRIEF, images_of, narration_of, script_of, timings_of

THREE_CHAPTERS = (360, 450, 330)
FILES = (
    (names.VIDEO, "video"),
    (names.AUDIO_MP3, "audio"),
    (names.AUDIO_WAV, "audio"),
    (names.NARRATION, "audio"),
    (names.CAPTIONS_SRT, "captions"),
    (names.CAPTIONS_VTT, "captions"),
    (names.CHAPTERS_VTT, "captions"),
    (names.ALIGNMENT, "captions"),
    (names.SCRIPT_TEXT, "script"),
    (names.SCRIPT_JSON, "script"),
    (names.TIMELINE, "timeline"),
    (names.SCENE_PLAN, "plan"),
    (names.MANIFEST, "manifest"),
    (names.ARCHIVE, "archive"),
    *((names.image_name(number), "image") for number in (1, 2, 3)),
    *((names.thumbnail_name(height), "thumbnail") for height in (1080, 540, 270)),
    *((names.choice_name(number), "thumbnail") for number in (2, 3)),
)


def lay_down_words(
    job: Job, *, frames: tuple[int, int, int] = THREE_CHAPTERS, shape: str = "16:9", **changes: Any
) -> None:
    """Give the job a script (with `changes`) of three scenes of that many frames, its times and its timeline."""
    script, narration = replace(script_of(), **changes), narration_of(frames)
    made = {
        "script": script,
        "voice": narration,
        "alignment": timings_of(script, narration),
        "images": images_of(script),
    }
    step = TimelineStep()
    made["timeline"] = step.make(step.request(Inputs({**BRIEF, "shape": shape}, made)), context=None)
    for ordinal, name in enumerate(("script", "voice", "alignment", "timeline")):
        artifact = Artifact.objects.create(
            user=job.user,
            project=job.project,
            key=uuid.uuid4().hex,
            step=name,
            schema_version=1,
            payload=to_json(made[name]),
        )
        JobStep.objects.create(job=job, step=name, state=StepState.DONE, artifact=artifact, ordinal=ordinal)


def lay_down_script(job: Job, sentences: Sequence[str]) -> None:
    """Give the job a script alone, a scene for each sentence."""
    artifact = Artifact.objects.create(
        user=job.user,
        project=job.project,
        key=uuid.uuid4().hex,
        step="script",
        schema_version=1,
        payload=to_json(script_of(sentences)),
    )
    JobStep.objects.create(job=job, step="script", state=StepState.DONE, artifact=artifact, ordinal=0)


def lay_down_files(job: Job) -> dict[str, Asset]:
    """Give the job a row for every file of its package."""
    return {name: file_of(job, name, kind) for name, kind in FILES}
