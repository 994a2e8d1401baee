"""The scenes of a video as they can be changed: what each says, shows and how long it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse

from apps.pipeline.contracts import FPS, Scene, Script
from apps.pipeline.lost_work import LOST
from apps.pipeline.models import Artifact, Job, JobStep
from apps.pipeline.states import StepState
from apps.pipeline.text.alts import described_in

SCENES_A_PAGE = 50
"""Each has three fields, and a form may have two hundred."""


@dataclass(frozen=True)
class ShownScene:
    """`description` says what its picture shall show.

    `sha256` names the newest picture that was drawn, and `drawn` says what that shows; both are empty before.
    """

    number: int
    title: str
    words: str
    description: str
    seconds: float
    sha256: str = ""
    drawn: str = ""

    @property
    def frame(self) -> str:
        return f"{self.number:02}"

    @property
    def length(self) -> str:
        return f"{max(1, round(self.seconds))} s"


def scenes_of(job: Job, script: Script) -> tuple[ShownScene, ...]:
    """Return the scenes of the job's script, with the newest pictures of the video. Two queries.

    Lengths are those of the voice once it speaks, else as estimated.
    """
    seconds, pictures = _seconds(job), _pictures(job.project_id)
    return tuple(_shown(number, scene, seconds, pictures) for number, scene in enumerate(script.scenes, 1))


def address_of_scene(project_id: UUID, number: int) -> str:
    """Return the path to a scene on the page on which it can be changed."""
    page = (number - 1) // SCENES_A_PAGE + 1
    query = f"?page={page}" if page > 1 else ""
    return f"{reverse('pipeline:scenes', args=[project_id])}{query}#scene-{number}"


def _shown(
    number: int, scene: Scene, seconds: Mapping[str, float], pictures: Mapping[str, tuple[str, str | None]]
) -> ShownScene:
    sha256, alt = pictures.get(scene.scene_id, ("", ""))
    return ShownScene(
        number=number,
        title=scene.called,
        words=scene.display_text,
        description=scene.image_prompt,
        seconds=seconds.get(scene.scene_id, scene.estimated_seconds),
        sha256=sha256,
        drawn=described_in(alt or "", title=scene.title),
    )


def _seconds(job: Job) -> dict[str, float]:
    spoken = JobStep.objects.filter(job=job, step="voice", part="", artifact__isnull=False)
    scenes = spoken.values_list("artifact__payload__scenes", flat=True).first()
    return {scene["scene_id"]: scene["frames"] / FPS for scene in scenes or ()}


def _pictures(project_id: UUID) -> dict[str, tuple[str, str | None]]:
    """A change that failed may have drawn none: then the one before is shown, under its own alternative text."""
    lost = Artifact.objects.filter(project_id=project_id, key=OuterRef("artifact__key"), content=LOST)
    drawn = JobStep.objects.filter(job__project_id=project_id, step="images", state=StepState.DONE).exclude(part="")
    newest = drawn.filter(~Exists(lost)).order_by("part", "-job__created_at").distinct("part")
    image = KeyTextTransform("sha256", KeyTextTransform("image", F("artifact__payload")))
    found = newest.annotate(picture=image, alt=KeyTextTransform("alt", F("artifact__payload")))
    return {part: (picture, alt) for part, picture, alt in found.values_list("part", "picture", "alt")}
