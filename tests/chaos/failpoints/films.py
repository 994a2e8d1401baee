"""Flows of videos: ordered by a program, made by small steps, refused, stopped, tried again, lost, deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import storages
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import OrmQ

from apps.accounts import actions
from apps.billing import ledger
from apps.billing.models import Source
from apps.billing.queries import balance
from apps.notifications.models import Notification
from apps.pipeline import artifacts, catalogue, engine, runner, sharing, sweep
from apps.pipeline.actions import NotPossible, remake_scenes, start_video
from apps.pipeline.briefs import Order
from apps.pipeline.codec import digest
from apps.pipeline.console import outcome
from apps.pipeline.console.outcome import abandon
from apps.pipeline.models import Artifact, Asset, Job, JobStep, ProviderCall, ShareLink, StepAttempt
from apps.pipeline.packaging import names
from apps.pipeline.providers import registry
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.small_pictures import small_picture
from apps.pipeline.text.editing import SceneChange
from canvascast import hint_queue
from tests.chaos.failpoints.stage import Act, Flow, Memory, Outside, work
from tests.chaos.failpoints.world import World, arrive, asked, browser, user_of
from tests.pipeline.small_video import script_of
from tests.wire import openai_text

_TEXT = "The old harbour wakes slowly, and the boats go out with the tide."
_ORDER = {"nichePreset": "facts", "targetMinutes": 2}


def order(prompt: str, *, number: int = 1, **more: str) -> Act:
    def order(memory: Memory) -> None:
        key = {"Idempotency-Key": f"{memory['key']}-{number}"}
        made = asked(memory, "post", "/projects", 201, body={**_ORDER, "promptText": prompt, **more}, **key)
        memory |= {"job": made["jobId"], "project": made["projectId"]}

    return order


def stop(memory: Memory) -> None:
    asked(memory, "post", f"/jobs/{memory['job']}/cancel", 200, 409)
    assert job_of(memory).state == "CANCELED"


def retry(memory: Memory) -> None:
    """The second time it is being made already."""
    asked(memory, "post", f"/jobs/{memory['job']}/retry", 201, 409)
    assert Job.objects.filter(user_id=memory["user"]).count() == 2


def delete(memory: Memory) -> None:
    asked(memory, "delete", f"/projects/{memory['project']}", 204, 404)


def wish_for_mail(memory: Memory) -> None:
    answer = browser(memory).post(f"/app/videos/{memory['project']}/mail", {"wanted": "on"})
    assert answer.status_code in (200, 302), answer.status_code
    assert job_of(memory).wants_mail is not None


def remake(memory: Memory) -> None:
    try:
        remake_scenes(
            job=job_of(memory),
            changes=[SceneChange(1, picture="a harbour")],
            by=user_of(memory),
            at=timezone.now(),
        )
    except NotPossible:
        """It is being made already."""
    assert Job.objects.filter(user_id=memory["user"]).count() == 2


def judged_by(world: World) -> Outside:
    """New words are judged by a vendor from now on."""
    models = {"moderation": "omni-moderation-latest"}
    account = Account("openai", openai_text.KEY, f"{world.judge.url}/v1", models)
    return Outside(lambda memory: registry.use_accounts({**settings.PROVIDER_ACCOUNTS, "openai": account}))


def be_judged_here(memory: Memory) -> None:
    registry.use_accounts(settings.PROVIDER_ACCOUNTS)


def stop_the_other(memory: Memory) -> None:
    newest = Job.objects.filter(user_id=memory["user"]).latest("created_at")
    asked(memory, "post", f"/jobs/{newest.pk}/cancel", 200, 409)


def write_a_script(memory: Memory) -> None:
    """A scene can be changed of what has a script and is not being made."""
    job = job_of(memory)
    step = catalogue.step_named("script")
    kept = artifacts.keep_artifact(job, step, "", digest("script", str(job.pk)), script_of(), "")
    asked(memory, "post", f"/jobs/{job.pk}/cancel", 200)
    JobStep.objects.filter(job=job, step="script").update(artifact=kept, state="DONE", finished_at=timezone.now())


def begin(rows: int) -> Outside:
    """Let a worker make so many rows of the story's job."""

    def begin(memory: Memory) -> None:
        for _ in range(rows):
            row = JobStep.objects.filter(job_id=memory["job"], state="QUEUED").order_by("ordinal")[0]
            claim = engine.claim(row.pk, worker="earlier/1")
            assert claim is not None
            runner.execute(claim)

    return Outside(begin)


def lose_its_worker(memory: Memory) -> None:
    """Three workers died of the first row."""
    row = JobStep.objects.get(job_id=memory["job"], state="QUEUED")
    assert engine.claim(row.pk, worker="dead/1") is not None
    JobStep.objects.filter(pk=row.pk).update(attempt=row.max_attempts, lease_until=timezone.now())


def lose_a_file(memory: Memory) -> None:
    storage = storages["generated-assets"]
    for path in Path(storage.path(memory["user"])).rglob("*.txt"):
        path.unlink()


def job_of(memory: Memory) -> Job:
    return Job.objects.get(pk=memory["job"])


def ended(state: str, *, available: int, code: str = "", jobs: int = 1) -> Callable[[Memory], None]:
    """The story's jobs ended so, and the ten credits are what they must be."""

    def check(memory: Memory) -> None:
        mine = Job.objects.filter(user_id=memory["user"])
        assert {job.state for job in mine} == {state}, _told(mine)
        # Whoever kills a worker at its last start takes away what it died of.
        assert {job.error_code for job in mine} <= {code, "worker_lost" if code else ""}
        assert len(mine) == jobs
        found = balance(user_of(memory).pk)
        assert (found.available, found.held) == (available, 0)
        assert not JobStep.objects.filter(job__in=mine, state__in=["WAITING", "QUEUED", "RUNNING"]).exists()
        assert not ProviderCall.objects.filter(job_step__job__in=mine, state="intent").exists()

    return check


def _told(jobs: QuerySet[Job]) -> list[tuple[str, ...]]:
    attempts = StepAttempt.objects.filter(job_step__job__in=jobs).order_by("pk")
    return list(attempts.values_list("job_step__step", "job_step__part", "outcome", "error_code", "detail"))[-8:]


def deleted(memory: Memory) -> None:
    assert job_of(memory).project.deleted_at is not None
    assert not Asset.objects.filter(job_id=memory["job"], expired_at__isnull=True).exists()
    assert not Notification.objects.filter(user_id=memory["user"], facts__has_key="title").exists()


def begin_by_hand(memory: Memory) -> None:
    asks = Order(prompt="the operator asks", niche="facts")
    start_video(order=asks, by=actions.operator_account(), at=timezone.now())


def stop_by_hand(memory: Memory) -> None:
    for job in Job.objects.filter(user=actions.operator_account(), state__in=["QUEUED", "RUNNING"]):
        abandon(job)


def paid(memory: Memory) -> None:
    ledger.grant(
        user_id=actions.operator_account().pk,
        credits=100,
        source=Source.GIFT,
        reason="",
        key="operator",
        at=timezone.now(),
    )


def give_back(memory: Memory) -> None:
    """A worker service ends and gives back what its processes held: one had died, the others were stopped."""
    engine.release_service("other", culprits=["other/1"])
    hint_queue.forget_taken("steps")
    sweep.forget_beat("other")


def two_are_held(memory: Memory) -> None:
    sweep.beat("other", "steps")
    OrmQ.objects.update(lock=timezone.now() + timedelta(days=1))
    rows = JobStep.objects.filter(job_id=memory["job"], state="QUEUED")
    for number, row in enumerate(rows[:2], 1):
        assert engine.claim(row.pk, worker=f"other/{number}") is not None


def wear_out_the_mail(memory: Memory) -> None:
    past = timezone.now() - timedelta(seconds=1)
    mine = Notification.objects.filter(user_id=memory["user"], event="video_ready")
    assert mine.update(state="SENDING", tries=8, holder=uuid4(), lease_until=past, doubtful_tries=2) == 1


def look_at_a_picture(memory: Memory) -> None:
    ended("READY", available=9)(memory)
    user, job = user_of(memory), job_of(memory)
    picture = Artifact.objects.filter(project=job.project, step="images", unit__startswith="scene").first()
    assert picture is not None
    small_picture(user, job.project_id, picture.payload["image"]["sha256"], 320)


def collect_it(memory: Memory) -> None:
    """The command line copies the film out; `make_video` does it again when it is called again."""
    target = Path(settings.VAR_DIR) / "out" / f"{memory['job']}.png"
    outcome._copy(Asset.objects.filter(job_id=memory["job"]).earliest("filename"), target)
    assert [path.name for path in target.parent.glob("*") if not path.name.startswith(".canvascast-")]


def have_a_film(memory: Memory) -> None:
    file = Asset.objects.filter(job_id=memory["job"]).earliest("filename")
    Asset.objects.filter(pk=file.pk).update(filename=names.VIDEO)


def share(memory: Memory) -> None:
    sharing.share_video(project=job_of(memory).project, by=user_of(memory), at=timezone.now())


def stop_sharing(memory: Memory) -> None:
    sharing.stop_sharing(project=job_of(memory).project, by=user_of(memory), at=timezone.now())


def end_the_link_again(memory: Memory) -> None:
    """As a restore does with a link that was ended since the backup."""
    sharing.end_again(ShareLink.objects.values_list("pk", flat=True), at=timezone.now())


def was_shared_twice(memory: Memory) -> None:
    links = ShareLink.objects.filter(project=job_of(memory).project)
    assert [link.revoked_at is not None for link in links] == [True, True]


def made_at_last(memory: Memory) -> None:
    jobs = Job.objects.filter(user_id=memory["user"]).order_by("created_at")
    assert [job.state for job in jobs] == ["FAILED", "READY"]
    assert balance(user_of(memory).pk).available == 9


def flows(world: World) -> tuple[Flow, ...]:
    start = Outside(arrive)
    own_voice = {"SPEAKERS": ["espeak"], "ALIGNERS": ["speaker-events"]}
    short = {"PIPELINE_STEPS": "tests.chaos.failpoints.short_film.STEPS", **own_voice}
    return (
        Flow(
            "a lost file is made again",
            (start, order("fifteen words"), begin(3), Outside(lose_a_file), work, retry, work),
            made_at_last,
        ),
        Flow("by an operator", (Outside(paid), begin_by_hand, stop_by_hand), lambda memory: None),
        Flow(
            "given back",
            (start, order("sixteen words"), begin(1), Outside(two_are_held), give_back, work),
            ended("READY", available=9),
        ),
        Flow(
            "its mail kills workers",
            (start, order("seventeen words"), begin(5), Outside(wear_out_the_mail), work),
            ended("READY", available=9),
        ),
        Flow(
            "made by the product's own steps",
            (start, order("", transcriptMode="manual", transcriptText=_TEXT), work, look_at_a_picture, collect_it),
            ended("READY", available=9),
            settings=short,
        ),
        Flow(
            "written",
            (start, order("Why do cats purr at night?"), work),
            ended("READY", available=9),
            settings={"PIPELINE_STEPS": "tests.chaos.failpoints.short_film.WORDS"},
        ),
        Flow("made", (start, order("one two three"), work), ended("READY", available=9)),
        Flow(
            "made, with a mail asked for",
            (start, order("four five six"), wish_for_mail, work),
            ended("READY", available=9),
        ),
        Flow(
            "uses what another video made",
            (start, order("uses-a-unit-first"), work, order("uses-a-unit-second", number=2), work),
            ended("READY", available=8, jobs=2),
        ),
        Flow(
            "shared",
            (
                start,
                order("eighteen words"),
                work,
                Outside(have_a_film),
                share,
                stop_sharing,
                share,
                end_the_link_again,
            ),
            was_shared_twice,
        ),
        Flow("busy once", (start, order("busy-once six seven"), work), ended("READY", available=9)),
        Flow(
            "refused and tried again",
            (start, order("fine refused words"), work, retry, work),
            ended("FAILED", available=10, code="refused", jobs=2),
        ),
        Flow("stopped", (start, order("seven eight nine"), begin(1), stop, work), ended("CANCELED", available=10)),
        Flow("deleted", (start, order("nine tenths of it"), work, delete, work), deleted),
        Flow("deleted while it is made", (start, order("nine eleven"), begin(2), delete, work), deleted),
        Flow(
            "three workers died of it",
            (start, order("twelve words here"), Outside(lose_its_worker), work),
            ended("FAILED", available=10, code="worker_lost"),
        ),
        Flow(
            "a file is lost",
            (start, order("thirteen words"), begin(3), Outside(lose_a_file), work),
            ended("FAILED", available=10, code="file_missing"),
        ),
        Flow(
            "a scene is changed",
            (
                start,
                order("fourteen words"),
                Outside(write_a_script),
                judged_by(world),
                remake,
                Outside(be_judged_here),
                stop_the_other,
            ),
            ended("CANCELED", available=10, jobs=2),
            settings={
                "PIPELINE_STEPS": "apps.pipeline.manifest.STEPS",
                "PROVIDERS": {**settings.PROVIDERS, "moderator": "openai"},
            },
        ),
        Flow("made slowly", (start, order("slow-down a little"), work), ended("READY", available=9)),
    )
