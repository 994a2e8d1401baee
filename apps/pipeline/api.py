"""`/api/v1/projects`, `/jobs` and `/assets`: videos for programs."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import File, Header, Query, Router, Status
from ninja.files import UploadedFile

from apps.accounts.models import User
from apps.accounts.rates import require_few
from apps.pipeline import actions, queries, sharing
from apps.pipeline.api_bodies import (
    AssetsOut,
    ChangesIn,
    DownloadOut,
    ProjectIn,
    ProjectOut,
    ProjectsOut,
    RecordingOut,
    RemakeIn,
    RemakePriceOut,
    SceneOut,
    ScenesOut,
    ShareOut,
    StartedOut,
    StatusOut,
)
from apps.pipeline.codec import digest, from_json
from apps.pipeline.contracts import Script
from apps.pipeline.downloads import signed_download
from apps.pipeline.models import Job, Project
from apps.pipeline.ordering import completed
from apps.pipeline.packages import manifest_of
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.recordings import MANY_RECORDINGS, keep_upload, ticket_of
from apps.pipeline.remakes import remake_of, script_made_for
from apps.pipeline.scenes import scenes_of
from apps.pipeline.status import job_status
from canvascast.api.auth import Request
from canvascast.api.schemas import REFUSALS, SPENDING_REFUSALS
from canvascast.errors import Invalid, NotFound

router = Router(tags=["videos"], by_alias=True)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,120}$",
        description="The same key with the same body gives the same answer, with another body a 409.",
    ),
]
_MANY_CHANGES = "That were many changes in a short time. Please try again later."


@router.post("/projects", response={201: StartedOut, **SPENDING_REFUSALS}, summary="Make a video")
def create_project(request: Request, body: ProjectIn, idempotency_key: IdempotencyKey = None) -> Status[StartedOut]:
    """Set the price aside and start. The price is a cap: what is not used comes back."""
    key, said = idempotency_key or "", digest("projects", body.said())
    # First: what the order points to may be gone by the time it is repeated.
    known = actions.job_under(key, said, request.auth)
    return _started(known or _start_video(request.auth, body, key, said))


@router.post("/recordings", response={201: RecordingOut, **REFUSALS}, summary="Upload your reading of a script")
def create_recording(
    request: Request, file: Annotated[UploadedFile, File(description="at most 200 MB and 30 minutes")]
) -> Status[RecordingOut]:
    """Keep a recording as multipart/form-data; `recording` in an order then names it.

    It is deleted with the last video that was ordered with it, and after a day if none was; an order that names it is
    then a 400. Twenty an hour and sixty a day, together with those of the page.
    """
    require_more = partial(require_few, request, "recording_upload", MANY_RECORDINGS, user=request.auth)
    try:
        kept = keep_upload(request.auth, file, before_storing=require_more)
    except Rejected as error:
        raise Invalid(error.sentence, {"file": error.sentence}) from error
    ticket = ticket_of(request.auth.pk, kept)
    return Status(201, RecordingOut(recording=ticket, duration_ms=round(kept.seconds * 1000)))


@router.get("/projects", response={200: ProjectsOut, **REFUSALS}, summary="List videos")
def list_projects(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> ProjectsOut:
    """Return the newest videos first, each with its newest job."""
    page = queries.projects_page(request.auth, offset=offset, limit=limit)
    return ProjectsOut(projects=[ProjectOut.of(facts) for facts in page.items], total=page.total)


@router.get("/projects/{project_id}", response={200: ProjectOut, **REFUSALS}, summary="One video")
def get_project(request: Request, project_id: UUID) -> ProjectOut:
    """Return the video with its newest job."""
    return ProjectOut.of(queries.project_of(request.auth, project_id))


@router.delete("/projects/{project_id}", response={204: None, **REFUSALS}, summary="Delete a video")
def delete_project(request: Request, project_id: UUID) -> Status[None]:
    """Stop the video if it is being made and remove its files; the credit history stays."""
    project = queries.project_of(request.auth, project_id)
    actions.delete_project(project=project.job.project, by=request.auth, at=timezone.now())
    return Status(204, None)


@router.get("/projects/{project_id}/share", response={200: ShareOut, **REFUSALS}, summary="The link of a video")
def get_share(request: Request, project_id: UUID) -> ShareOut:
    """Return the link by which anybody can watch the video. 404 while there is none."""
    link = sharing.link_of(_project(request, project_id).pk)
    if link is None:
        raise NotFound
    return ShareOut.of(link)


@router.post("/projects/{project_id}/share", response={200: ShareOut, **REFUSALS}, summary="Share a video")
def share_project(request: Request, project_id: UUID) -> ShareOut:
    """Let anybody who has the link watch the video; asked again, the link is the same.

    409 while the video has no film.
    """
    project = _project(request, project_id)
    return ShareOut.of(sharing.share_video(project=project, by=request.auth, at=timezone.now()))


@router.delete("/projects/{project_id}/share", response={204: None, **REFUSALS}, summary="Stop sharing a video")
def unshare_project(request: Request, project_id: UUID) -> Status[None]:
    """End the link for good; without one nothing changes. Sharing again makes another."""
    sharing.stop_sharing(project=_project(request, project_id), by=request.auth, at=timezone.now())
    return Status(204, None)


@router.get("/jobs/{job_id}/status", response={200: StatusOut, **REFUSALS}, summary="How far a video is")
def get_status(request: Request, job_id: UUID) -> StatusOut:
    """Return the job and its steps. Ask every two seconds at most."""
    return StatusOut.of(job_status(request.auth, job_id))


@router.get("/jobs/{job_id}/assets", response={200: AssetsOut, **REFUSALS}, summary="The files of a video")
def get_assets(request: Request, job_id: UUID) -> AssetsOut:
    """Return the files that can be downloaded and the manifest.

    Both are empty until the job is READY, and again once its files were deleted.
    """
    job = queries.job_of(request.auth, job_id)
    files = queries.files_of_job(job)
    return AssetsOut.of(job, files, manifest_of(files.kept))


@router.post("/jobs/{job_id}/cancel", response={200: StatusOut, **REFUSALS}, summary="Stop a video")
def cancel_job(request: Request, job_id: UUID) -> StatusOut:
    """Stop the job; credits that were not used come back. 409 when it has ended already."""
    actions.cancel_video(job_id=queries.job_of(request.auth, job_id).pk, by=request.auth, at=timezone.now())
    return StatusOut.of(job_status(request.auth, job_id))


@router.post("/jobs/{job_id}/retry", response={201: StartedOut, **SPENDING_REFUSALS}, summary="Make it again")
def retry_job(request: Request, job_id: UUID) -> Status[StartedOut]:
    """Start a new job for a video that failed, was stopped or has lost its files, reusing what is kept.

    409 when there is nothing to do.
    """
    job = queries.job_of(request.auth, job_id)
    return _started(actions.retry_video(job=job, by=request.auth, at=timezone.now()))


@router.get("/jobs/{job_id}/scenes", response={200: ScenesOut, **REFUSALS}, summary="The scenes of a video")
def get_scenes(request: Request, job_id: UUID) -> ScenesOut:
    """Return what each scene says and shows, in order; none until the script is written."""
    job = queries.job_of(request.auth, job_id)
    made = script_made_for(job)
    shown = scenes_of(job, from_json(made.payload, Script)) if made is not None else ()
    return ScenesOut(scenes=[SceneOut.of(scene) for scene in shown])


@router.post(
    "/jobs/{job_id}/remake/price", response={200: RemakePriceOut, **REFUSALS}, summary="What changing scenes costs"
)
def price_remake(request: Request, job_id: UUID, body: ChangesIn) -> RemakePriceOut:
    """Return the price of the changes. Nothing is started and nothing is set aside."""
    job = queries.job_of(request.auth, job_id)
    made = script_made_for(job)
    if made is None:
        raise actions.NotPossible(actions.NO_SCRIPT)
    remake = remake_of(job, from_json(made.payload, Script), body.changes())
    return RemakePriceOut(credits=remake.cost.reserved, scenes=[scene.number for scene in remake.changed])


@router.post("/jobs/{job_id}/remake", response={201: StartedOut, **SPENDING_REFUSALS}, summary="Change scenes")
def remake_job(
    request: Request, job_id: UUID, body: RemakeIn, idempotency_key: IdempotencyKey = None
) -> Status[StartedOut]:
    """Start a new job for a video that has ended, with scenes changed; everything else is reused.

    409 while it is being made, when a newer version was finished, where nothing would change, and where it costs
    something else than `agreedCredits`; 503 when new words cannot be judged just now.
    """
    job = actions.remake_scenes(
        job=queries.job_of(request.auth, job_id),
        changes=body.changes(),
        by=request.auth,
        at=timezone.now(),
        agreed_credits=body.agreed_credits,
        idempotency_key=idempotency_key or "",
        request_digest=digest("remake", str(job_id), body.said()),
        before_judging=partial(require_few, request, "changed_scenes", _MANY_CHANGES, user=request.auth),
    )
    return _started(job)


@router.post("/assets/{asset_id}/download", response={200: DownloadOut, **REFUSALS}, summary="A link to a file")
def download_asset(request: Request, asset_id: UUID) -> DownloadOut:
    """Return a link that works for 15 minutes without any key."""
    link = signed_download(asset=queries.asset_of(request.auth, asset_id), at=timezone.now())
    return DownloadOut(download_url=link.url, expires_at=link.expires_at)


def _start_video(user: User, body: ProjectIn, key: str, said: str) -> Job:
    order = completed(
        body.order(),
        user=user,
        draft_id=body.draft_id,
        profile_id=body.voice_profile_id,
        recording=body.recording,
    )
    return actions.start_video(
        order=order,
        by=user,
        at=timezone.now(),
        idempotency_key=key,
        request_digest=said,
        draft_id=body.draft_id,
    )


def _project(request: Request, project_id: UUID) -> Project:
    project: Project = queries.project_of(request.auth, project_id).job.project
    return project


def _started(job: Job) -> Status[StartedOut]:
    return Status(201, StartedOut(project_id=job.project_id, job_id=job.pk))
