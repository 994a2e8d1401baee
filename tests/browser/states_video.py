"""The create page, the list, and a video through its whole life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils import timezone
from playwright.sync_api import expect

from apps.accounts.models import User
from apps.drafts.actions import DraftText, save_draft
from apps.pipeline import failures
from apps.pipeline.models import Job, JobStep, Project, WorkerBeat
from apps.pipeline.sharing import share_video
from tests.browser import people
from tests.browser.films import lay_down_film
from tests.browser.state import Arrival, State, at, sent
from tests.browser.visit import Visit
from tests.pages.conftest import video
from tests.pages.rows import lay_row, lay_rows
from tests.pages.test_recording import SCRIPT, sound

TEXT = "Why do cats purr at night, and what does it do for those who listen to them?"


def create(text: str, *, credits: int = 10, is_named: bool = True) -> Arrival:
    """The create page with that text from a draft, which the link names, or which waits."""

    def arrive(visit: Visit) -> int:
        user = people.member(visit, credits=credits)
        order = DraftText(prompt=text)
        draft = save_draft(token="", client_address=str(user.pk), order=order, user=user, at=timezone.now())
        return visit.go(f"/app/new?draft={draft.draft_id}" if is_named else "/app/new")

    return arrive


def create_empty(visit: Visit) -> int:
    people.member(visit, credits=10)
    return visit.go("/app/new")


def create_reading(visit: Visit) -> int:
    """A script that somebody read themselves, with the recording kept."""
    create_reading_asked(visit)
    visit.page.locator("[name=recording]").set_input_files(
        {"name": "me.wav", "mimeType": "audio/wav", "buffer": sound(9.0).read()}
    )
    return sent(visit, "Show the price")


def create_reading_asked(visit: Visit) -> int:
    """The voice is to be a recording, and there is none yet."""
    status = create_empty(visit)
    visit.page.get_by_text("Paste a script", exact=True).click()
    visit.page.locator("[name=transcript]").fill(SCRIPT)
    visit.page.locator("[name=voice]").select_option("recording.en")
    return status


def create_error(visit: Visit) -> int:
    create_empty(visit)
    visit.page.locator("[name=speed]").fill("9")
    return sent(visit, "Show the price")


def queued(user: User) -> Job:
    WorkerBeat.objects.update_or_create(
        name="browser", defaults={"queue": "steps", "seen_at": timezone.now() + timedelta(days=1)}
    )
    for minutes in (2, 1):
        lay_rows(_open(people.somebody(), "QUEUED", timedelta(minutes=minutes)), timezone.now(), script="QUEUED")
    job = _open(user, "QUEUED", timedelta(seconds=1))
    lay_rows(job, timezone.now(), script="QUEUED")
    return job


def running(user: User, *, ago: timedelta = timedelta(seconds=20)) -> Job:
    """Of four pictures one is drawn, one is being drawn, one is tried again."""
    job, then = _open(user, "RUNNING", ago), timezone.now() - ago
    lay_rows(job, then, script="DONE", voice="DONE", visual_plan="DONE", alignment=["QUEUED"] * 4)
    JobStep.objects.filter(job=job, step="images").delete()
    lay_row(job, "images", "DONE", then, part="scene_001", ordinal=401)
    lay_row(job, "images", "RUNNING", then, part="scene_002", ordinal=402, progress=0.5)
    lay_row(job, "images", "QUEUED", then, part="scene_003", ordinal=403, error_code="blank_picture")
    lay_row(job, "images", "QUEUED", then, part="scene_004", ordinal=404)
    lay_row(job, "images", "WAITING", then, ordinal=499)
    return job


def slow(user: User) -> Job:
    return running(user, ago=timedelta(minutes=9))


def ready(user: User, *, title: str = "Why cats purr", shape: str = "16:9") -> Job:
    now = timezone.now()
    job = video(user, title=title, price=2, reserved=2, cost=1, created_at=now, finished_at=now, progress=100)
    job.brief = {**job.brief, "shape": shape}
    Job.objects.filter(pk=job.pk).delete()
    job.save(force_insert=True)
    lay_down_film(job)
    return job


def shared(user: User, **looks: str) -> Job:
    job = ready(user, **looks)
    share_video(project=job.project, by=user, at=timezone.now())
    return job


def watched(where: str, **looks: str) -> Arrival:
    """A shared video, as it is to somebody who is not signed in."""

    def arrive(visit: Visit) -> int:
        job = shared(people.somebody(), **looks)
        return visit.go(f"/{where}/{job.project.share_links.get().token}")

    return arrive


def film_is_lost(user: User) -> Job:
    job = ready(user)
    job.assets.filter(kind="video").update(storage_name="nowhere/film.mp4")
    return job


def files_are_gone(user: User) -> Job:
    job = ready(user)
    job.assets.update(expired_at=timezone.now())
    return job


def stopped(user: User) -> Job:
    job = _ended(user, "CANCELED", cost=1)
    lay_rows(job, timezone.now(), script="DONE", voice="DONE", images=["DONE", "CANCELED", "CANCELED"])
    return job


def failed(user: User) -> Job:
    words = failures.message(failed_step="IMAGE_GEN", part="scene_002", code="picture_refused")
    job = _ended(user, "FAILED", error_code="picture_refused", failed_step="IMAGE_GEN", error_message=words)
    lay_rows(
        job, timezone.now(), script="DONE", voice="DONE", visual_plan="DONE", images=["DONE", "CANCELED", "CANCELED"]
    )
    JobStep.objects.filter(job=job, step="images", part="scene_002").update(
        state="FAILED", error_code="picture_refused"
    )
    return job


def videos_full(visit: Visit) -> int:
    """One in every state, and so many that there is a second page."""
    user = people.member(visit)
    for make in (ready, failed, stopped, running, queued):
        make(user)
    for number in range(9):
        video(user, title=f"Film {number} with a title that takes more than a line of its card", state="CANCELED")
    return visit.go("/app")


def page_of(make: Callable[[User], Job], below: str = "") -> Arrival:
    def arrive(visit: Visit) -> int:
        job = make(people.member(visit, credits=3))
        return visit.go(f"/app/videos/{job.project_id}{below}")

    return arrive


def _open(user: User, state: str, ago: timedelta) -> Job:
    then = timezone.now() - ago
    moments = {} if state == "QUEUED" else {"started_at": then, "moved_at": then, "progress": 30}
    return video(user, state=state, prompt=TEXT, price=2, reserved=2, created_at=then, **moments)


def _ended(user: User, state: str, **fields: object) -> Job:
    now = timezone.now()
    return video(user, state=state, prompt=TEXT, price=2, reserved=2, created_at=now, finished_at=now, **fields)


def retry_without_credits(visit: Visit) -> int:
    job = failed(people.member(visit))
    visit.go(f"/app/videos/{job.project_id}")
    return sent(visit, "Try again · 1 credit")


def scenes_changed(visit: Visit, *, credits: int = 3, title: str = "Why cats purr", shape: str = "16:9") -> int:
    """Two scenes of a finished video are changed, and the slip has counted them."""
    job = ready(people.member(visit, credits=credits), title=title, shape=shape)
    status = visit.go(f"/app/videos/{job.project_id}/scenes")
    visit.page.get_by_label("Words, scene 1").fill("Cats purr when they rest, and when they are ill.")
    visit.page.get_by_label("Draw a new picture, scene 3").check()
    expect(visit.page.locator("#remake-line")).to_contain_text("2 scenes")
    return status


def scenes_poor(visit: Visit) -> int:
    return scenes_changed(visit, credits=0)


def scenes_error(visit: Visit) -> int:
    scenes_changed(visit)
    visit.page.get_by_label("Words, scene 2").fill("…")
    visit.page.locator("[name=picture_3]").fill("how to build a pipe bomb")
    expect(visit.page.get_by_role("button", name="Show the price")).to_be_visible()
    return sent(visit, "Show the price")


def scenes_overtaken(visit: Visit) -> int:
    """Another window was quicker, and the video is being made."""
    scenes_changed(visit)
    project = Project.objects.get(pk=visit.path().split("/")[3])
    Job.objects.create(project=project, user=project.user, brief=project.jobs.get().brief, state="QUEUED")
    return sent(visit, "Remake 2 scenes · 1 credit")


def change_failed(user: User) -> Job:
    """A change to a finished video of which one picture was refused."""
    job = ready(user)
    words = failures.message(failed_step="IMAGE_GEN", part="scene_002", code="picture_refused")
    facts = {"price": 1, "reserved": 1, "changed_scenes": 1, "error_message": words, "error_code": "picture_refused"}
    now = timezone.now()
    failed_job = Job.objects.create(
        project=job.project, user=user, brief=job.brief, state="FAILED", created_at=now, finished_at=now, **facts
    )
    lay_rows(failed_job, now, script="DONE", voice="DONE", visual_plan="DONE", images=["DONE", "FAILED", "CANCELED"])
    return failed_job


STATES = (
    State("create", create(TEXT)),
    State("create-waiting", create(TEXT, is_named=False)),
    State("create-empty", create_empty),
    State("create-error", create_error, 400),
    State("create-reading-asked", create_reading_asked),
    State("create-reading", create_reading),
    State("create-poor", create(TEXT, credits=0)),
    State("videos-full", videos_full),
    State("making-queued", page_of(queued)),
    State("making", page_of(running)),
    State("making-slow", page_of(slow)),
    State("ready", page_of(ready)),
    State("ready-shared", page_of(shared)),
    State("shared", watched("v")),
    State("shared-tall", watched("v", shape="9:16")),
    State("shared-ended", at("/v/none"), 404),
    State("embed", watched("embed", title="Why cats purr, and what it does for those who listen to them at night")),
    State("embed-ended", at("/embed/none"), 404),
    State("ready-lost", page_of(film_is_lost)),
    State("ready-expired", page_of(files_are_gone)),
    State("stopped", page_of(stopped)),
    State("failed", page_of(failed)),
    State("failed-poor", retry_without_credits),
    State("failed-change", page_of(change_failed)),
    State("finished-before", page_of(change_failed, "/finished")),
    State("scenes", page_of(ready, "/scenes")),
    State("scenes-tall", partial(scenes_changed, shape="9:16")),
    State("scenes-changed", scenes_changed),
    State("scenes-poor", scenes_poor),
    State("scenes-error", scenes_error, 400),
    State("scenes-overtaken", scenes_overtaken, 409),
    State("scenes-closed", page_of(running, "/scenes")),
    State("scenes-expired", page_of(files_are_gone, "/scenes")),
    State("video-delete", page_of(ready, "/delete")),
)
