"""A video that ended badly: what happened, what was kept, what it cost, what to do; and never an exception's text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from apps.pipeline import actions, failures, runner
from apps.pipeline.failures import CATALOGUE, Kind
from apps.pipeline.models import Job, JobStep
from apps.pipeline.providers.errors import PipelineError, Rejected, Transient
from tests.engine.conftest import start
from tests.pages.conftest import NOW, give, video
from tests.pages.rows import lay_row, lay_rows
from tests.pages.test_making import words_of

pytestmark = pytest.mark.django_db
_PIPELINE = Path(failures.__file__).parent
_CODES_ARE_FIRST = {"Rejected", "Transient", "RateLimited", "PipelineError", "ChildFailed", "ChildTimedOut"}
# What is refused before there is a job, or as an answer to an upload, never ends one.
_BEFORE_A_JOB = (
    "actions.py",
    "briefs.py",
    "queries.py",
    "management",
    "console",
    "text/editing.py",
    "render/samples.py",
    "providers/painter/reference.py",
    "providers/cloner",
    "voice_learning.py",
    "uploads.py",
)
CANARY = "canary-7f3a"
OTHER_PICTURE = "Describe this picture otherwise; what is finished is not made twice."


def codes_in_the_source() -> Iterator[str]:
    """Yield every code with which work can end."""
    for path in sorted(_PIPELINE.rglob("*.py")):
        # Nor does what a view refuses.
        if not str(path.relative_to(_PIPELINE)).startswith(_BEFORE_A_JOB) and not path.stem.endswith("views"):
            yield from _codes(ast.parse(path.read_text()))


def _codes(tree: ast.Module) -> Iterator[str]:
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in _CODES_ARE_FIRST and call.args:
            given = call.args[0]
        else:
            given = next((keyword.value for keyword in call.keywords if keyword.arg == "code"), None)
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield given.value
        elif isinstance(given, ast.Name) and given.id in constants:
            yield constants[given.id]


def failed(owner, *, code: str = "internal", failed_step: str = "IMAGE_GEN", part: str = "scene_002", **job) -> Job:
    """Of four pictures one is drawn; the second ended the video."""
    message = failures.message(failed_step=failed_step, part=part, code=code)
    given = {"price": 7, "reserved": 7, "error_code": code, "failed_step": failed_step, "error_message": message}
    made = video(owner, state="FAILED", **{**given, **job})
    lay_rows(made, NOW, script="DONE", voice="DONE", visual_plan="DONE", images=["DONE", "CANCELED", "CANCELED"])
    JobStep.objects.filter(job=made, step="images", part="scene_002").update(state="FAILED", error_code=code)
    return made


def test_every_code_that_can_end_a_video_is_in_the_catalogue():
    assert set(codes_in_the_source()) - set(CATALOGUE) == set()


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_has_its_four_parts_on_the_page(as_user, owner, code):
    give(owner, 10)
    job = failed(owner, code=code)

    words = words_of(as_user(owner).get(f"/app/videos/{job.project_id}"))

    failure, happened = CATALOGUE[code], failures.opening("IMAGE_GEN", "scene_002", code)
    assert (
        f"{failure.kind} {happened} {failure.reason} "
        "Kept The script, the voice and 1 of 3 pictures. Used again, not made twice. "
        f"Cost All 7 credits are back in your balance. Next {failure.advice}"
    ) in words


@pytest.mark.parametrize("failure", CATALOGUE.values(), ids=list(CATALOGUE))
def test_every_sentence_is_whole_calm_and_in_our_words(failure):
    for text in (failure.reason, failure.advice):
        assert text[0].isupper()
        assert text.endswith(".")
        assert not {"!", "Oops", "job", "render", "token", "pipeline"} & set(text.replace(".", " ").split())
    assert failure.kind in Kind


@pytest.mark.parametrize(
    ("failed_step", "part", "words"),
    [
        ("SCRIPTING", "", "We couldn’t write the script."),
        ("VOICE_GEN", "scene_010", "We couldn’t record the voice of scene 10."),
        ("ALIGNMENT", "scene_001", "We couldn’t time the captions of scene 1."),
        ("VISUAL_PLAN", "", "We couldn’t plan the pictures."),
        ("IMAGE_GEN", "scene_006", "We couldn’t draw scene 6."),
        ("IMAGE_GEN", "", "We couldn’t draw the pictures."),
        ("RENDERING", "", "We couldn’t put the film together."),
        ("PACKAGING", "", "We couldn’t finish the film."),
        ("a step that is gone", "scene_002", "We couldn’t make scene 2."),
    ],
)
def test_opening_names_what_could_not_be_done_and_the_scene(failed_step, part, words):
    assert failures.opening(failed_step, part) == words


@pytest.mark.parametrize(
    ("part", "words"),
    [("", "We couldn’t use your recording."), ("scene_002", "We couldn’t use your recording of scene 2.")],
)
@pytest.mark.parametrize("failed_step", ["VOICE_GEN", "ALIGNMENT"])
def test_recording_of_something_else_is_not_told_as_trouble_with_a_voice(failed_step, part, words):
    told = failures.message(failed_step=failed_step, part=part, code="recording_differs")

    assert told.startswith(f"{words} The recording")


@pytest.mark.parametrize(
    ("step", "code", "has_recording", "scene"),
    [
        ("voice", "voice_refused", False, 2),
        ("voice", "alignment_quality", True, 0),
        ("images", "picture_refused", True, 2),
        ("images", "internal", False, 0),
    ],
)
def test_scene_can_mend_what_its_own_words_or_picture_brought_about(step, code, has_recording, scene):
    assert failures.scene_to_mend(step=step, part="scene_002", code=code, has_recording=has_recording) == scene


def test_refusal_is_told_in_the_words_of_whoever_refused(as_user, owner):
    message = failures.message(
        failed_step="IMAGE_GEN",
        part="scene_002",
        code="picture_refused",
        sentence=f"The picture service refused the description: It names a person. {OTHER_PICTURE}",
    )
    job = failed(owner, code="picture_refused", error_message=message)

    ended = as_user(owner).get(f"/app/videos/{job.project_id}").context["ended"]

    assert (ended.happened, ended.reason, ended.kind, ended.advice) == (
        "We couldn’t draw scene 2.",
        "The picture service refused the description: It names a person.",
        "A service refused it",
        OTHER_PICTURE,
    )


def test_message_of_an_older_version_is_shown_as_it_is(as_user, owner):
    job = failed(owner, code="gone", error_message="The voice <b>went</b> away")

    page = as_user(owner).get(f"/app/videos/{job.project_id}")

    assert page.context["ended"].happened == "The voice <b>went</b> away."
    assert "The voice &lt;b&gt;went&lt;/b&gt; away." in page.content.decode()


def test_frame_of_the_failed_scene_is_marked_and_the_rest_is_stopped(as_user, owner):
    frames = as_user(owner).get(f"/app/videos/{failed(owner).project_id}").context["ended"].sheet.frames

    assert [frame.state_words for frame in frames] == ["done", "not drawn", "stopped"]


def test_scene_whose_voice_failed_is_marked_too(as_user, owner):
    job = video(owner, state="FAILED", error_code="silent_audio", failed_step="VOICE_GEN")
    lay_rows(job, NOW, script="DONE", voice=["DONE", "FAILED"])

    frames = as_user(owner).get(f"/app/videos/{job.project_id}").context["ended"].sheet.frames

    assert [frame.state for frame in frames] == ["waiting", "failed"]


def test_failure_is_an_alert_once(as_user, owner):
    html = as_user(owner).get(f"/app/videos/{failed(owner).project_id}").content.decode()

    assert len(re.findall(r'id="ending"\s+role="alert"', html)) == 1


def test_reference_can_be_copied(as_user, owner):
    job = failed(owner)

    html = as_user(owner).get(f"/app/videos/{job.project_id}").content.decode()

    assert f'<code id="reference">{job.pk}</code>' in html
    assert 'data-copy="#reference"' in html


@pytest.mark.parametrize(
    ("states", "kept"),
    [
        ({"script": "FAILED"}, "What you wrote."),
        ({"script": "DONE", "voice": ["FAILED"]}, "The script. Used again, not made twice."),
        (
            {"script": "DONE", "voice": "DONE", "images": "DONE", "render": "FAILED"},
            "The script, the voice and all 4 pictures. Used again, not made twice.",
        ),
    ],
)
def test_page_says_what_is_kept(as_user, owner, states, kept):
    job = video(owner, state="FAILED", error_code="internal")
    lay_rows(job, NOW, **states)

    assert as_user(owner).get(f"/app/videos/{job.project_id}").context["ended"].kept == kept


@pytest.mark.parametrize(
    ("state", "reserved", "charged", "words"),
    [
        ("FAILED", 7, 0, "All 7 credits are back in your balance."),
        ("FAILED", 1, 0, "1 credit is back in your balance."),
        ("FAILED", 0, 0, "Nothing was charged."),
        ("CANCELED", 7, 2, "5 credits came back; 2 credits paid for what was finished."),
        ("CANCELED", 2, 1, "1 credit came back; 1 credit paid for what was finished."),
        ("CANCELED", 7, 0, "All 7 credits are back in your balance."),
        ("CANCELED", 0, 0, "Nothing was charged."),
        ("CANCELED", 2, 2, "No credit came back; 2 credits paid for what was finished."),
    ],
)
def test_page_says_what_it_cost(as_user, owner, state, reserved, charged, words):
    job = video(owner, state=state, price=reserved, reserved=reserved, cost=charged, error_message="Why.")

    assert as_user(owner).get(f"/app/videos/{job.project_id}").context["ended"].cost == words


@pytest.mark.parametrize(
    ("state", "reserved", "charged", "words", "paid"),
    [
        ("FAILED", 2, 0, "All 2 credits are back in your balance.", "8 credits"),
        ("FAILED", 0, 0, "Nothing more was charged.", "10 credits"),
        ("CANCELED", 9, 5, "4 credits came back; 5 credits paid for what was finished.", "1 credit"),
    ],
)
def test_page_says_what_an_earlier_stop_kept(as_user, owner, state, reserved, charged, words, paid):
    job = video(owner, state=state, price=10, reserved=reserved, cost=charged, error_message="Why.")

    told = as_user(owner).get(f"/app/videos/{job.project_id}").context["ended"].cost

    assert told == f"{words} What you paid when you stopped it before, {paid}, still counts when you go on."


@pytest.mark.parametrize(
    ("state", "kept_before", "changed_scenes", "button"),
    [
        ("FAILED", 0, 0, "Try again · 4 credits"),
        ("CANCELED", 1, 0, "Go on · 3 credits"),
        ("CANCELED", 4, 0, "Go on"),
        ("FAILED", 0, 6, "Try again · 2 credits"),
    ],
)
def test_button_names_what_trying_again_sets_aside(as_user, owner, trivial, state, kept_before, changed_scenes, button):
    give(owner, 10)
    job = video(
        owner, state=state, price=4, reserved=4, cost=kept_before, changed_scenes=changed_scenes, error_message="Why."
    )
    job.brief["target_minutes"] = 4.0
    Job.objects.filter(pk=job.pk).delete()
    job.save(force_insert=True)

    words = words_of(as_user(owner).get(f"/app/videos/{job.project_id}"))
    again = actions.retry_video(job=job, by=owner, at=timezone.now())

    number = "".join(letter for letter in button if letter.isdigit())
    assert f"{button} Make a new video" in words
    assert again.reserved == int(number or 0)


def test_credits_that_are_missing_for_another_try_are_said_before_the_button(as_user, owner):
    words = words_of(as_user(owner).get(f"/app/videos/{failed(owner).project_id}"))

    assert "Sets aside 1 credit 1 credit is missing. See your credits ." in words


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(CANARY),
        Transient("busy", CANARY),
        PipelineError(CANARY, CANARY),
        Rejected("refused", "This word cannot be used.", CANARY),
        KeyError(CANARY),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_exception_s_text_reaches_the_page_or_the_message(as_user, rich_owner, trivial, monkeypatch, error):
    def raising(self, request, context):
        raise error

    monkeypatch.setattr("tests.engine.trivial_steps.Words.make", raising)
    job = start(rich_owner, "hello wonderful world")
    for _ in range(3):
        JobStep.objects.filter(job=job, state="QUEUED").update(due_at="2026-01-01T00:00:00Z")
        runner.work_from(JobStep.objects.get(job=job, step="script").pk)

    html = as_user(rich_owner).get(f"/app/videos/{job.project_id}").content.decode()

    job.refresh_from_db()
    assert job.state == "FAILED"
    assert "We couldn’t write the script." in html
    assert CANARY not in html + job.error_message


def test_ended_page_costs_few_queries(as_user, owner, django_assert_max_num_queries):
    job = failed(owner)
    lay_row(job, "images", "CANCELED", NOW, part="scene_004", ordinal=490)
    client = as_user(owner)

    with django_assert_max_num_queries(12):
        client.get(f"/app/videos/{job.project_id}")
