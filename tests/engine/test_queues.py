"""Who serves what: queues that are split off by a setting, and how many processes each has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from apps.pipeline import engine, sweep
from apps.pipeline.management.commands import worker
from apps.pipeline.manifest import STEPS
from apps.pipeline.models import JobStep, WorkerBeat
from tests.engine.conftest import start

ALONE = {"steps": 2, "quick": 2}
THERE_IS = "there is steps, quick, io for all but render."
SPLIT = {"steps": 2, "quick": 2, "render": 1, "vendors": 12}


@pytest.fixture
def rendering(trivial, monkeypatch):
    """The trivial pipeline, whose last step is work for `render`."""
    from tests.engine.trivial_steps import STEPS as TRIVIAL

    monkeypatch.setattr(TRIVIAL[-1], "queue", "render", raising=False)
    return trivial


def queues_of(job) -> dict[str, str]:
    return dict(JobStep.objects.filter(job=job, part="").values_list("step", "queue"))


def test_only_rendering_leaves_the_steps_queue():
    assert [step.name for step in STEPS if step.queue != "steps"] == ["render"]


@pytest.mark.django_db
@pytest.mark.parametrize(("queues", "last"), [(ALONE, "steps"), (SPLIT, "render")])
def test_rendering_has_a_queue_of_its_own_where_that_is_set(rendering, owner, queues, last):
    rendering.QUEUES = queues

    assert queues_of(start(owner, "one")) == {"script": "steps", "voice": "steps", "package": last}


@pytest.mark.django_db
@pytest.mark.parametrize(("beat_age", "queue"), [(None, "steps"), (11, "steps"), (9, "render")])
def test_rows_come_home_once_nobody_serves_their_queue(rendering, owner, beat_age, queue):
    rendering.QUEUES = SPLIT
    job = start(owner, "one")
    JobStep.objects.filter(job=job, step="package").update(state="QUEUED", due_at=timezone.now())
    rendering.QUEUES = ALONE
    if beat_age is not None:
        seen_at = timezone.now() - timedelta(seconds=beat_age)
        WorkerBeat.objects.create(name="elsewhere", queue="render", seen_at=seen_at)

    sweep.sweep("steps")

    assert queues_of(job)["package"] == queue


@pytest.mark.django_db
def test_row_that_is_worked_on_comes_home_when_its_lease_ends(rendering, owner):
    rendering.QUEUES = SPLIT
    row = JobStep.objects.get(job=start(owner, "one"), step="script")
    JobStep.objects.filter(pk=row.pk).update(queue="render")
    engine.claim(row.pk, worker="elsewhere/1")
    rendering.QUEUES = ALONE

    sweep.sweep("steps")
    row.refresh_from_db()
    assert row.queue == "render"

    JobStep.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.sweep("steps")
    row.refresh_from_db()
    assert row.queue == "steps"


@pytest.mark.parametrize(
    ("queues", "concurrency", "processes"),
    [
        ("steps,quick", "", {"steps": 2, "quick": 2}),
        ("render", "", {"render": 1}),
        ("steps,quick", "5", {"steps": 5, "quick": 5}),
        ("render, steps", "render=3", {"render": 3, "steps": 2}),
        ("steps,vendors", "steps=1,vendors=30", {"steps": 1, "vendors": 30}),
        ("steps,steps", "4", {"steps": 4}),
        ("render,io", "4", {"render": 4, "steps": 4, "quick": 4, "vendors": 4}),
        ("render,io", "io=3", {"render": 1, "steps": 3, "quick": 3, "vendors": 3}),
        ("io", "", {"steps": 2, "quick": 2, "vendors": 12}),
    ],
)
def test_processes_are_those_of_the_command_or_of_the_settings(settings, monkeypatch, queues, concurrency, processes):
    settings.QUEUES = SPLIT
    started: list[dict[str, int]] = []
    monkeypatch.setattr(worker, "_run", lambda queues, until_eof: started.append(queues))

    call_command("worker", queues=queues, concurrency=concurrency)

    assert started == [processes]


@pytest.mark.parametrize(
    ("queues", "concurrency", "sentence"),
    [
        ("render", "", f"There is no queue “render”; {THERE_IS} RENDER_PROCESSES splits render off."),
        ("", "", f"There is no queue “”; {THERE_IS}"),
        ("steps,", "", f"There is no queue “”; {THERE_IS}"),
        ("steps", "0", "--concurrency has “0”; it takes a number from 1 to 200, or steps=2,vendors=12."),
        ("steps", "-1", "--concurrency has “-1”; it takes a number from 1 to 200, or steps=2,vendors=12."),
        ("steps", "201", "--concurrency has “201”; it takes a number from 1 to 200, or steps=2,vendors=12."),
        ("steps", "two", "--concurrency has “two”; it takes a number from 1 to 200, or steps=2,vendors=12."),
        ("steps", "steps=", "--concurrency has “”; it takes a number from 1 to 200, or steps=2,vendors=12."),
        ("steps", "quick=2", "--concurrency names quick, which --queues does not."),
    ],
)
def test_what_cannot_be_served_is_refused_in_a_sentence(settings, queues, concurrency, sentence):
    settings.QUEUES = ALONE

    with pytest.raises(CommandError) as refused:
        call_command("worker", queues=queues, concurrency=concurrency)

    assert (str(refused.value), refused.value.returncode) == (sentence, 2)
