"""What the API's paths about videos are asked and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from apps.pipeline.briefs import Order
from apps.pipeline.contracts import MusicChoice
from apps.pipeline.embedding import embed_code_of, frame_address
from apps.pipeline.models import Job, ShareLink
from apps.pipeline.queries import JobFiles, ProjectFacts, files_kept_until
from apps.pipeline.scenes import ShownScene
from apps.pipeline.sharing import page_address
from apps.pipeline.status import JobStatus, StepStatus
from apps.pipeline.text.editing import LONGEST_PICTURE_CHARACTERS, LONGEST_SCENE_CHARACTERS, SceneChange
from canvascast.api.schemas import Asked, Body, Text
from canvascast.video_choices import (
    MINUTES,
    SPEED,
    CaptionPosition,
    CaptionStyle,
    Niche,
    Pace,
    Shape,
    TranscriptMode,
)

_Minutes = Annotated[float, Field(strict=True, ge=MINUTES[0], le=MINUTES[1], allow_inf_nan=False)]
_Speed = Annotated[float, Field(strict=True, ge=SPEED[0], le=SPEED[1], allow_inf_nan=False)]
_Seed = Annotated[int, Field(strict=True, ge=0, lt=2**31)]

# The names that the API gives to the fields of an Order.
NAMES_OF_FIELDS = {
    "prompt": "promptText",
    "transcript": "transcriptText",
    "niche": "nichePreset",
    "minutes": "targetMinutes",
    "voice": "voiceId",
    "captions": "captionStyle",
    "position": "captionPosition",
}


class ProjectIn(Asked):
    """A video to make: from a description ("auto"), or from a script that is said word for word ("manual").

    Without `voiceId` the language's first voice speaks; without `seed` the text gives one. `recording` is what
    `POST /recordings` answered: the script as the user read it, in `language`, which then is the voice.
    """

    title: Text = ""
    prompt_text: Text = ""
    niche_preset: Niche
    target_minutes: _Minutes
    transcript_mode: TranscriptMode = "auto"
    transcript_text: Text | None = None
    voice_id: Text = ""
    voice_profile_id: UUID | None = None
    speed: _Speed = 1.0
    language: Text = ""
    pace: Pace = "normal"
    shape: Shape = "16:9"
    caption_style: CaptionStyle = "boxed"
    caption_position: CaptionPosition = "bottom"
    music: Literal["none", "ambient"] = "none"
    on_screen_titles: Annotated[bool, Field(strict=True)] = False
    seed: _Seed | None = None
    recording: Text = ""
    draft_id: UUID | None = None

    def order(self) -> Order:
        """Return the same as an Order, unchecked."""
        return Order(
            prompt=self.prompt_text,
            transcript=(self.transcript_text or "") if self.transcript_mode == "manual" else None,
            title=self.title,
            niche=self.niche_preset,
            minutes=self.target_minutes,
            voice=self.voice_id,
            speed=self.speed,
            pace=self.pace,
            language=self.language,
            shape=self.shape,
            caption_style=self.caption_style,
            caption_position=self.caption_position,
            music=MusicChoice(kind=self.music),
            seed=self.seed,
            on_screen_titles=self.on_screen_titles,
        )


class RecordingOut(Body):
    recording: str = Field(description="names the recording in an order of the same user")
    duration_ms: int


class StartedOut(Body):
    project_id: UUID
    job_id: UUID


class JobOut(Body):
    """`status` is QUEUED, the name of the earliest unfinished step, READY, FAILED or CANCELED."""

    id: UUID
    project_id: UUID
    status: str
    progress: int = Field(description="percent; 100 only when the file plays")
    status_message: str
    failed_step: str | None
    error_code: str | None
    error_message: str | None
    credits_reserved: int
    credits_charged: int
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> JobOut:
        return cls(
            id=job.pk,
            project_id=job.project_id,
            status=job.status,
            progress=job.progress,
            status_message=job.status_message,
            failed_step=job.failed_step or None,
            error_code=job.error_code or None,
            error_message=job.error_message or None,
            credits_reserved=job.reserved,
            credits_charged=job.cost,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


class StepOut(Body):
    name: str
    state: Literal["WAITING", "QUEUED", "RUNNING", "DONE", "FAILED", "CANCELED"]
    progress: int
    message: str

    @classmethod
    def of(cls, step: StepStatus) -> StepOut:
        return cls.model_validate({field: getattr(step, field) for field in cls.model_fields})


class StatusOut(Body):
    job: JobOut
    steps: list[StepOut]

    @classmethod
    def of(cls, found: JobStatus) -> StatusOut:
        return cls(job=JobOut.of(found.job), steps=[StepOut.of(step) for step in found.steps])


class ProjectOut(Body):
    """A video with its newest job."""

    id: UUID
    title: str
    created_at: datetime
    job: JobOut

    @classmethod
    def of(cls, facts: ProjectFacts) -> ProjectOut:
        return cls(id=facts.project_id, title=facts.title, created_at=facts.created_at, job=JobOut.of(facts.job))


class ProjectsOut(Body):
    projects: list[ProjectOut]
    total: int


class SceneOut(Body):
    """`picture` says what the scene's picture shows."""

    scene: int = Field(description="its number, from 1")
    title: str
    words: str
    picture: str
    seconds: float

    @classmethod
    def of(cls, shown: ShownScene) -> SceneOut:
        return cls(
            scene=shown.number,
            title=shown.title,
            words=shown.words,
            picture=shown.description,
            seconds=round(shown.seconds, 2),
        )


class ScenesOut(Body):
    scenes: list[SceneOut]


class SceneChangeIn(Asked):
    """What shall be otherwise in one scene; what is left out stays as it is.

    `newPicture` draws its picture anew, from whichever description.
    """

    scene: Annotated[int, Field(strict=True, ge=1, le=10_000, description="its number, from 1")]
    words: Annotated[Text, Field(max_length=4 * LONGEST_SCENE_CHARACTERS)] | None = None
    picture: Annotated[Text, Field(max_length=4 * LONGEST_PICTURE_CHARACTERS)] | None = None
    new_picture: Annotated[bool, Field(strict=True)] = False

    def change(self) -> SceneChange:
        return SceneChange(self.scene, self.words, self.picture, self.new_picture)


class ChangesIn(Asked):
    scenes: Annotated[list[SceneChangeIn], Field(min_length=1, max_length=1_000)]

    def changes(self) -> list[SceneChange]:
        return [scene.change() for scene in self.scenes]


class RemakeIn(ChangesIn):
    """With `agreedCredits`, exactly that is set aside or nothing happens."""

    agreed_credits: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None


class RemakePriceOut(Body):
    """What `POST …/remake` with the same scenes would set aside, and which scenes are otherwise then."""

    credits: int
    scenes: list[int]


class AssetOut(Body):
    id: UUID
    type: str
    filename: str
    size_bytes: int


class AssetsOut(Body):
    assets: list[AssetOut]
    manifest: dict[str, Any] | None = Field(description="manifest.json of a finished video")
    kept_until: date | None = Field(description="the day on which the files will be deleted, once that is near")
    deleted_at: datetime | None = Field(description="when the files were deleted")

    @classmethod
    def of(cls, job: Job, files: JobFiles, manifest: dict[str, Any] | None) -> AssetsOut:
        shown = [
            AssetOut(id=row.pk, type=row.kind, filename=row.filename, size_bytes=row.size_bytes) for row in files.kept
        ]
        kept_until = files_kept_until(job)
        return cls(assets=shown, manifest=manifest, kept_until=kept_until, deleted_at=files.deleted_at)


class ShareOut(Body):
    """A link by which anybody can watch the video, and the HTML that plays it in another page."""

    url: str
    embed_url: str
    embed_code: str | None = Field(description="null while the video has no film")
    created_at: datetime

    @classmethod
    def of(cls, link: ShareLink) -> ShareOut:
        return cls(
            url=page_address(link.token),
            embed_url=frame_address(link.token),
            embed_code=embed_code_of(link.token),
            created_at=link.created_at,
        )


class DownloadOut(Body):
    download_url: str
    expires_at: datetime
