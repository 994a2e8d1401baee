"""The page of a video while it is made: what it says, and how it asks for more."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.models import Artifact, Job, JobStep, Project, WorkerBeat
from tests.pages.conftest import NOW, video
from tests.pages.rows import lay_row, lay_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def alive(db) -> None:
    WorkerBeat.objects.create(name="w", queue="steps", seen_at=timezone.now() + timedelta(days=9_000))


def running(user: User, **job) -> Job:
    given = {"created_at": NOW, "started_at": NOW, "price": 10, "reserved": 10, "progress": 30, "moved_at": NOW}
    return video(user, state="RUNNING", **{**given, **job})


def half_drawn(user: User, **job) -> Job:
    """Script and voice are done; of four pictures one is drawn, one is being drawn, one is tried again."""
    made = running(user, **job)
    lay_rows(made, NOW, script="DONE", voice="DONE", visual_plan="DONE", alignment=["QUEUED"] * 4)
    JobStep.objects.filter(job=made, step="images").delete()
    lay_row(made, "images", "DONE", NOW + timedelta(seconds=9), part="scene_001", ordinal=401)
    lay_row(made, "images", "RUNNING", NOW, part="scene_002", ordinal=402, progress=0.5)
    lay_row(made, "images", "QUEUED", NOW, part="scene_003", ordinal=403, error_code="blank_picture")
    lay_row(made, "images", "QUEUED", NOW, part="scene_004", ordinal=404)
    lay_row(made, "images", "WAITING", NOW, ordinal=499)
    return made


def words_of(answer) -> str:
    """The text of a page, as it is read."""
    text = re.sub(r"<(svg|title|script|noscript|details).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def poll(client, job: Job, **shown: str):
    return client.get(f"/app/videos/{job.project_id}/progress", shown, headers={"HX-Request": "true"})


def asked_by(answer) -> dict[str, str]:
    """What the page will ask next time."""
    found = re.search(r'hx-get="[^"?]*\?([^"]*)"', answer.content.decode())
    assert found is not None
    return dict(parse_qsl(unescape(found.group(1))))


def test_page_tells_the_five_steps_in_words(as_user, owner):
    page = as_user(owner).get(f"/app/videos/{half_drawn(owner).project_id}")

    assert [(stage.name, stage.state_words) for stage in page.context["making"].stages] == [
        ("Script", "done"),
        ("Voice", "done"),
        ("Pictures", "now, 1 of 4"),
        ("Captions", "waiting"),
        ("Film", "waiting"),
    ]


def test_page_says_which_picture_is_drawn_how_far_it_is_and_what_is_left(as_user, owner):
    words = words_of(as_user(owner).get(f"/app/videos/{half_drawn(owner).project_id}"))

    assert "Drawing picture 2 of 4 30 % 30 % done Usually 1–2 min more." in words


def test_contact_sheet_fills_in_frame_by_frame(as_user, owner):
    page = as_user(owner).get(f"/app/videos/{half_drawn(owner).project_id}")

    frames = page.context["making"].sheet.frames
    assert [(frame.label, frame.state_words) for frame in frames] == [
        ("01", "done"),
        ("02", "drawing"),
        ("03", "trying again"),
        ("04", "waiting"),
    ]
    assert 'alt="What scene_001 shows."' in page.content.decode()
    assert page.content.decode().count("<img") == 1


def test_before_the_script_is_written_the_frames_are_a_guess(as_user, owner, alive):
    job = video(owner, state="QUEUED", created_at=NOW)
    lay_rows(job, NOW, script="QUEUED")

    words = words_of(as_user(owner).get(f"/app/videos/{job.project_id}"))

    assert "Pictures about 9 01 Picture 1: waiting" in words


def test_what_happened_is_told_newest_first_with_the_time_since_the_video_was_asked_for(as_user, owner):
    page = as_user(owner).get(f"/app/videos/{half_drawn(owner, created_at=NOW - timedelta(seconds=63)).project_id}")

    assert [(line.stamp, line.words) for line in page.context["making"].happenings] == [
        ("1:12", "Picture 1 drawn"),
        ("1:03", "Picture 3: trying again"),
        ("1:03", "Pictures planned"),
        ("1:03", "Voice recorded"),
        ("1:03", "Script written: 4 scenes"),
    ]


def test_work_taken_over_from_before_is_said_once_not_scene_by_scene(as_user, owner):
    job = running(owner)
    lay_rows(job, NOW, script="DONE", voice="DONE")
    JobStep.objects.filter(job=job, state="DONE").update(reused=True)

    page = as_user(owner).get(f"/app/videos/{job.project_id}")

    assert [line.words for line in page.context["making"].happenings] == [
        "Voice taken over from before",
        "Script taken over from before",
        "Started",
    ]


_SPOKEN = {"script": "DONE", "voice": "DONE", "images": "DONE"}
_TIMED = {**_SPOKEN, "alignment": "DONE", "timeline": "DONE"}


@pytest.mark.parametrize(
    ("states", "message", "now"),
    [
        ({"script": "RUNNING"}, "", "Writing the script"),
        ({"script": "DONE", "voice": ["DONE", "RUNNING"]}, "", "Recording scene 2 of 2"),
        ({**_SPOKEN, "alignment": ["RUNNING"]}, "", "Timing the captions, scene 1 of 1"),
        ({**_TIMED, "render": "RUNNING"}, "3 of 4 scenes filmed", "Putting the film together: 3 of 4 scenes filmed"),
        ({**_TIMED, "render": ["DONE", "RUNNING", "QUEUED"]}, "", "Putting the film together, part 2 of 3"),
        ({**_TIMED, "render": "DONE"}, "", "Checking the film and packing the files"),
    ],
)
def test_line_says_what_is_being_done(as_user, owner, states, message, now):
    job = running(owner)
    lay_rows(job, NOW, **states)
    JobStep.objects.filter(job=job, state="RUNNING").update(message=message)

    assert as_user(owner).get(f"/app/videos/{job.project_id}").context["making"].now == now


def test_video_in_line_says_how_many_are_ahead_and_how_long_that_takes(as_user, owner, stranger, alive):
    for progress in (50, 0):
        running(stranger, created_at=NOW - timedelta(minutes=5), progress=progress)
    video(stranger, created_at=NOW - timedelta(hours=1))
    job = video(owner, state="QUEUED", created_at=NOW)
    lay_rows(job, NOW, script="QUEUED")

    words = words_of(as_user(owner).get(f"/app/videos/{job.project_id}"))

    assert "Waiting for its turn 0 % 0 % done 2 videos ahead of yours, about 2 min. Then usually 1–2 min." in words


def test_next_video_in_line_is_told_so(as_user, owner, alive):
    job = video(owner, state="QUEUED", created_at=NOW)
    lay_rows(job, NOW, script="QUEUED")

    assert "Yours is next. Then usually 1–2 min." in words_of(as_user(owner).get(f"/app/videos/{job.project_id}"))


def test_without_a_worker_the_page_promises_no_time(as_user, owner):
    job = video(owner, state="QUEUED", created_at=NOW)
    lay_rows(job, NOW, script="QUEUED")

    page = as_user(owner).get(f"/app/videos/{job.project_id}")

    assert page.context["making"].outlook == (
        "Nothing is being made right now. Your place in line is kept, and it goes on by itself."
    )


@pytest.mark.parametrize(
    ("moved_ago", "started_ago", "outlook"),
    [
        (45, 46, "Usually 1–2 min more."),
        (46, 46, "Taking longer than usual, still working."),
        (10, 93, "Usually 1–2 min more."),
        (10, 94, "This one takes longer than most. It is still being made, and its price stays."),
    ],
)
def test_slow_video_is_told_honestly(as_user, owner, moved_ago, started_ago, outlook):
    job = running(owner, moved_at=NOW - timedelta(seconds=moved_ago), started_at=NOW - timedelta(seconds=started_ago),
                  created_at=NOW - timedelta(seconds=started_ago))  # fmt: skip
    lay_rows(job, NOW - timedelta(seconds=started_ago), script="DONE", voice=["RUNNING"])

    assert as_user(owner).get(f"/app/videos/{job.project_id}").context["making"].outlook == outlook


def test_stop_names_the_credits_that_come_back(as_user, owner):
    words = words_of(as_user(owner).get(f"/app/videos/{half_drawn(owner).project_id}"))

    assert "Stop now and get 7 credits back" in words


def test_stop_is_reached_before_the_contact_sheet_however_many_frames_it_has(as_user, owner):
    page = as_user(owner).get(f"/app/videos/{half_drawn(owner).project_id}").content.decode()

    assert page.index('id="progress"') < page.index('id="stop"') < page.index('id="sheet"')


def test_without_javascript_the_page_loads_itself(as_user, owner):
    html = as_user(owner).get(f"/app/videos/{half_drawn(owner).project_id}").content.decode()

    assert re.search(r'<noscript>\s*<meta http-equiv="refresh" content="4">\s*</noscript>', html)


def test_page_has_one_place_for_announcements(as_user, owner):
    html = as_user(owner).get(f"/app/videos/{half_drawn(owner).project_id}").content.decode()

    assert html.count('role="status"') == 1


def test_unchanged_page_is_answered_with_nothing(as_user, owner):
    job, client = half_drawn(owner), as_user(owner)
    asked = asked_by(client.get(f"/app/videos/{job.project_id}"))

    answer = poll(client, job, **asked)

    assert (answer.status_code, answer.content) == (204, b"")


def test_drawn_picture_changes_the_piece_silently(as_user, owner):
    job, client = half_drawn(owner), as_user(owner)
    asked = asked_by(client.get(f"/app/videos/{job.project_id}"))
    JobStep.objects.filter(job=job, step="images", part="scene_002").delete()
    lay_row(job, "images", "DONE", NOW, part="scene_002", ordinal=402)

    answer = poll(client, job, **asked)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Drawing picture 3 of 4" in html
    assert html.count("<img") == 2
    assert len(re.findall(r'id="sheet"[^>]*hx-swap-oob="true"', html)) == 1
    assert "announcement" not in html


def test_sheet_that_did_not_change_is_not_sent_again(as_user, owner):
    job, client = half_drawn(owner), as_user(owner)
    asked = asked_by(client.get(f"/app/videos/{job.project_id}"))
    Job.objects.filter(pk=job.pk).update(progress=31)

    html = poll(client, job, **asked).content.decode()

    assert "31 % done" in html
    assert 'id="sheet"' not in html


def test_next_step_is_announced(as_user, owner):
    job, client = running(owner), as_user(owner)
    lay_rows(job, NOW, script="RUNNING")
    asked = asked_by(client.get(f"/app/videos/{job.project_id}"))
    JobStep.objects.filter(job=job).delete()
    lay_rows(job, NOW, script="DONE", voice=["RUNNING"] * 4)

    answer = poll(client, job, **asked)

    assert '<div hx-swap-oob="innerHTML:#announcement">Recording the voice</div>' in answer.content.decode()


def test_answer_brings_the_stop_button_s_words_up_to_date_without_the_button(as_user, owner):
    job, client = half_drawn(owner), as_user(owner)

    html = poll(client, job).content.decode()

    assert re.search(r'<span id="stop-words" hx-swap-oob="true">Stop now and get 7 credits back</span>', html)
    assert "<button" not in html


@pytest.mark.parametrize(("age", "seconds"), [(59, 2), (60, 4)])
def test_page_asks_less_often_after_the_first_minute(as_user, owner, age, seconds):
    job = half_drawn(owner, created_at=NOW - timedelta(seconds=age))

    html = as_user(owner).get(f"/app/videos/{job.project_id}").content.decode()

    assert f'hx-trigger="every {seconds}s"' in html


@pytest.mark.parametrize(
    ("state", "title", "has"),
    [
        ("READY", "<title>✓ Ready – Purring – CanvasCast</title>", '<div hx-swap-oob="innerHTML:#announcement">'),
        ("FAILED", "<title>Could not be made: Purring – CanvasCast</title>", 'role="alert"'),
        ("CANCELED", "<title>Stopped: Purring – CanvasCast</title>", "You stopped this video."),
    ],
)
def test_end_is_swapped_in_once_and_ends_the_asking(as_user, owner, state, title, has):
    job = video(owner, state=state, title="Purring")

    answer = poll(as_user(owner), job)

    html = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (286, "#video-state", "innerHTML")
    assert title in html
    assert has in html
    assert "data-polls" not in html


def test_end_brings_the_title_that_the_script_gave_and_the_credits_up_to_date(as_user, rich_owner):
    job = video(rich_owner, title="Why Cats Purr")

    html = " ".join(poll(as_user(rich_owner), job).content.decode().split())

    assert '<div hx-swap-oob="innerHTML:#video-title">Why Cats Purr</div>' in html
    assert '<div hx-swap-oob="innerHTML:#purse"><strong>10 credits</strong> </div>' in html


def test_address_of_the_piece_leads_a_reader_to_the_page(as_user, owner):
    job = half_drawn(owner)

    answer = as_user(owner).get(f"/app/videos/{job.project_id}/progress")

    assert answer.url == f"/app/videos/{job.project_id}"


def test_page_of_a_video_that_was_deleted_meanwhile_loads_itself_anew(as_user, owner):
    job = half_drawn(owner)
    Project.objects.update(deleted_at=NOW)

    answer = poll(as_user(owner), job)

    assert (answer.status_code, answer["HX-Refresh"]) == (404, "true")


def test_stranger_learns_nothing_of_a_video_in_the_making(as_user, owner, stranger):
    job = half_drawn(owner)

    assert poll(as_user(stranger), job).status_code == 404
    assert as_user(stranger).get(f"/app/videos/{job.project_id}/progress").status_code == 404


@pytest.mark.parametrize("scenes", [2, 60])
def test_asking_costs_few_queries_however_many_scenes_there_are(as_user, owner, django_assert_max_num_queries, scenes):
    job = running(owner)
    lay_rows(job, NOW, scenes=scenes, script="DONE", voice="DONE", visual_plan="DONE", images=["RUNNING"] * scenes)
    client = as_user(owner)
    client.get(f"/app/videos/{job.project_id}")

    with django_assert_max_num_queries(4):
        poll(client, job)


def test_page_costs_few_queries(as_user, owner, alive, django_assert_max_num_queries):
    job = video(owner, state="QUEUED", created_at=NOW)
    lay_rows(job, NOW, script="QUEUED")
    client = as_user(owner)

    with django_assert_max_num_queries(12):
        client.get(f"/app/videos/{job.project_id}")


def test_version_of_what_is_shown_is_the_same_for_two_tabs(as_user, owner):
    job = half_drawn(owner)

    first, second = (asked_by(as_user(owner).get(f"/app/videos/{job.project_id}")) for _ in range(2))

    assert first == second
    assert Artifact.objects.filter(project=job.project).exists()
