"""Whose video is made next: nobody's second before another's first, and nobody is passed for ever."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.pipeline import actions, engine, load, runner, turns
from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import OPEN, JobState
from tests.engine.conftest import start
from tests.workers import running_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = "tests.engine.settings_trivial"


class _People(dict[str, User]):
    """Users by letter, made when they are first named."""

    def __missing__(self, letter: str) -> User:
        user = User.objects.create_user(f"{letter}@example.com")
        ledger.grant(user_id=user.pk, credits=1000, source=Source.GIFT, reason="", key=letter, at=timezone.now())
        self[letter] = user
        return user


@pytest.fixture
def people(trivial) -> _People:
    return _People()


def make_next() -> Job:
    """Make the video whose turn it is, to its end, and nothing else."""
    claim = engine.claim_next("steps", worker="test")
    job = Job.objects.get(pk=claim.job_id)
    while claim is not None:
        assert claim.job_id == job.pk
        runner.execute(claim)
        job.refresh_from_db()
        claim = None if job.is_finished else engine.claim_next("steps", worker="test")
    return job


@pytest.mark.goal("fair")
@pytest.mark.parametrize(
    ("story", "order"),
    [
        ("AAA...", "AAA"),
        ("AAAAAB......", "ABAAAA"),
        ("AAAAA.B.....", "AABAAA"),
        ("AAABBB......", "ABABAB"),
        ("AABBCC......", "ABCABC"),
        ("A.A.A.AAB...", "AAAABA"),
        ("AAB.C.D.E.F.G.H...", "ABCDAEFGH"),
    ],
    ids=[
        "one user alone",
        "one video of another passes all but the first",
        "so it does when the first is made",
        "two users alternate",
        "three take turns",
        "who had the machine alone owes nothing",
        "a stream of newcomers passes a second video only for so long",
    ],
)
def test_users_take_turns(people, story, order):
    """A letter orders a video, a dot makes the one whose turn it is."""
    letters: dict[UUID, str] = {}
    made = ""
    for sign in story:
        if sign == ".":
            made += letters[make_next().user_id]
        else:
            letters[people[sign].pk] = sign
            start(people[sign], "one")

    assert made == order


def test_who_worked_while_anothers_video_lay_waiting_is_behind_by_one_turn_and_not_by_all(people):
    waiting = start(people["B"], "one")
    JobStep.objects.filter(job=waiting).update(due_at=timezone.now() + timedelta(hours=1))
    for _ in range(5):
        start(people["A"], "one")
        make_next()
    for _ in range(3):
        start(people["D"], "one")
    mine = start(people["A"], "one")

    made = [make_next().user_id == people["A"].pk for _ in range(4)]

    assert made == [False, False, True, False]
    assert mine.turn == pytest.approx(turns.FIRST_TURN + 5 / 2 + 1)


def test_video_that_was_begun_is_finished_before_its_owners_next_begins(people):
    first, second = start(people["A"], "one two"), start(people["A"], "three")

    worked_on = []
    while (claim := engine.claim_next("steps", worker="test")) is not None:
        worked_on.append(claim.job_id)
        runner.execute(claim)

    assert worked_on == [first.pk] * 5 + [second.pk] * 4


def test_hint_for_a_later_video_starts_the_one_whose_turn_it_is(people):
    first, second = start(people["A"], "one"), start(people["A"], "two")

    runner.work_from(JobStep.objects.get(job=second, step="script").pk)

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.finished_at < second.started_at


def test_video_stopped_before_it_began_took_nobodys_turn(people):
    first = start(people["A"], "one")
    actions.cancel_video(job_id=first.pk, by=people["A"], at=timezone.now())

    assert (turns.next_turn(people["A"].pk), turns.clock()) == (turns.FIRST_TURN, turns.FIRST_TURN)


def test_clock_moves_by_what_one_user_is_given_of_it(people):
    for letter in "AB":
        start(people[letter], "one")

    make_next()
    halfway = turns.clock()
    make_next()

    assert (halfway, turns.clock()) == (1.5, 2.5)


def test_place_in_line_is_the_place_in_the_order_of_turns(people):
    mine = [start(people["A"], "one") for _ in range(3)]
    theirs = start(people["B"], "one")

    assert [load.ahead_of(job).videos for job in mine] == [0, 2, 3]
    assert load.ahead_of(theirs).videos == 1
    assert load.now().videos == 2


@pytest.mark.goal("fair")
@pytest.mark.slow  # waits for slow work
def test_workers_make_one_video_of_a_second_user_before_the_rest_of_the_firsts(people, tmp_path, scenario):
    many = [start(people["A"], f"slow-{number} slow-x{number}") for number in range(5)]
    one = start(people["B"], "slow-b")

    with scenario("fair", "5 videos of one user, then 1 of another", size="full") as scene:
        with running_worker(tmp_path, SETTINGS, WORKER_PROCESSES="2"):
            wait_until(lambda: not Job.objects.filter(state__in=OPEN).exists(), seconds=90, what="all videos")
        one.refresh_from_db()
        before = Job.objects.filter(pk__in=[job.pk for job in many], finished_at__lt=one.finished_at).count()
        scene.note(ended_before_the_one=before)
        assert (one.state, before) == (JobState.READY, 1)
