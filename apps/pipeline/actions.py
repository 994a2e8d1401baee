"""What users and operators do with videos: make, cancel, retry, remake a scene."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.pipeline import artifacts, catalogue, engine, handover, hints
from apps.pipeline.codec import digest, from_json, to_json
from apps.pipeline.contracts import WORDS_PER_MINUTE, Brief, Script
from apps.pipeline.models import Artifact, Job, JobStep, Project
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.states import OPEN, JobState, MoveRefused, move
from apps.pipeline.text.editing import edit_scene
from canvascast.logs import get_logger

log = get_logger("pipeline")


class NotPossible(Rejected):
    """The video is not in a state in which this can be done."""

    def __init__(self, sentence: str) -> None:
        super().__init__("not_possible", sentence)


def start_video(*, brief: Brief, by: User, at: datetime) -> Job:
    """Create a project with its first job; the first hint is sent with the commit."""
    with transaction.atomic():
        project = Project.objects.create(user=by, title=brief.title, created_at=at)
        return _start_job(project=project, brief=brief, script=None, at=at)


def retry_video(*, job: Job, by: User, at: datetime) -> Job:
    """Make an ended job's video again as a new job; everything finished is reused. Raises NotPossible."""
    with transaction.atomic():
        _require_no_open_job(job)
        if job.state == JobState.READY:
            raise NotPossible("This video is ready; there is nothing to retry.")
        return _start_job(project=job.project, brief=from_json(job.brief, Brief), script=_script_of(job), at=at)


def remake_scene(*, job: Job, scene_number: int, words: str | None, picture: str | None, by: User, at: datetime) -> Job:
    """Make the video again with one scene's words or picture changed. Raises Rejected."""
    with transaction.atomic():
        _require_no_open_job(job)
        made = _script_of(job)
        if made is None:
            raise NotPossible("This video has no script yet, so there is no scene to change.")
        brief = from_json(job.brief, Brief)
        script = edit_scene(
            from_json(made.payload, Script),
            scene_number,
            words=words,
            picture=picture,
            words_per_minute=round(WORDS_PER_MINUTE[brief.pace] * brief.voice.speed),
        )
        edited = _keep_edited_script(job, made, script)
        return _start_job(project=job.project, brief=brief, script=edited, at=at)


def cancel_video(*, job_id: UUID, by: User, at: datetime) -> None:
    """Stop a job; its workers notice within a second. Raises NotPossible when it has ended already."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        try:
            move(job.pk, JobState.CANCELED, at=at, step="", status_message="")
        except MoveRefused as error:
            raise NotPossible("This video is finished, so it cannot be stopped.") from error
        engine.cancel_unfinished(job.pk, at=at)
    log.info("canceled", traceId=str(job_id), userId=str(by.pk))


def _start_job(*, project: Project, brief: Brief, script: Artifact | None, at: datetime) -> Job:
    job = Job.objects.create(project=project, user=project.user, brief=to_json(brief), created_at=at)
    opened = handover.open_job(job, presets={} if script is None else {"script": script})
    hints.send_hints(opened)
    log.info("created", traceId=str(job.pk), spanId=job.pk.hex[:16], userId=str(project.user_id))
    job.refresh_from_db()
    return job


def _require_no_open_job(job: Job) -> None:
    Project.objects.select_for_update().get(pk=job.project_id)
    if Job.objects.filter(project_id=job.project_id, state__in=OPEN).exists():
        raise NotPossible("This video is being made right now. Stop it or wait until it is done.")


def _script_of(job: Job) -> Artifact | None:
    row = JobStep.objects.filter(job=job, step="script", part="").select_related("artifact").first()
    return row.artifact if row is not None else None


def _keep_edited_script(job: Job, made: Artifact, script: Script) -> Artifact:
    key = digest("edited", made.key, script)
    return artifacts.keep_artifact(job, catalogue.step_named("script"), "", key, script, provider="edit")
