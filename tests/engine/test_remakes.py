"""Scenes changed of a video that has ended: what is made again, what it costs, and when it is refused."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.billing.models import LedgerEntry
from apps.billing.queries import balance
from apps.pipeline import actions, remakes
from apps.pipeline.actions import IdempotencyConflict, NotPossible, PriceChanged, remake_scenes, retry_video
from apps.pipeline.attempt_prices import price_of_retry
from apps.pipeline.codec import from_json, to_json
from apps.pipeline.contracts import Blob, Recording, Scene, Script, VoiceChoice
from apps.pipeline.judging import NotJudged
from apps.pipeline.making import making_of
from apps.pipeline.models import Asset, Job, JobStep, ProviderCall
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.receipts import receipt_of
from apps.pipeline.render.fonts import missing_glyphs
from apps.pipeline.text.editing import SceneChange, SceneRefused
from canvascast.operations.invariants import INVARIANTS, Finding
from tests.engine.conftest import brief, start_brief
from tests.engine.test_runner import run
from tests.engine.test_settlement import work_on
from tests.pages.conftest import file_of, video
from tests.pages.made import lay_down_script
from tests.parallel import at_once
from tests.wire import openai_text
from tests.wire.patience import PATIENT
from tests.wire.server import WireServer, status

pytestmark = pytest.mark.django_db

SCENES = (
    "The first scene opens on a quiet harbour at dawn, long before the boats go out.",
    "Then the sun climbs over the hills and the whole town slowly wakes up.",
    "At noon the market fills with colour, with voices, and with the smell of bread.",
    "When evening comes, the lamps are lit one by one along the narrow streets.",
)


def order(owner, *scenes: str, **changes) -> Job:
    text = "\n\n".join(scenes or SCENES)
    voice = VoiceChoice(provider="espeak", voice_id="en-us")
    asked = replace(brief(""), transcript_mode="manual", transcript_text=text, voice=voice, **changes)
    return start_brief(owner, asked)


def remade(job: Job, *changes: SceneChange, **asked) -> Job:
    return remake_scenes(job=job, changes=changes, by=job.user, at=timezone.now(), **asked)


def made_parts(job: Job) -> Counter[str]:
    """Count the scenes of which something was made for this job, by step."""
    rows = JobStep.objects.filter(job=job, reused=False).exclude(part="")
    return Counter(rows.values_list("step", flat=True))


def picture_of(job: Job, number: int) -> str:
    row = JobStep.objects.select_related("artifact").get(job=job, step="images", part=f"scene_{number:03}")
    return row.artifact.payload["image"]["sha256"]


def scene_of(job: Job, number: int) -> Scene:
    return from_json(remakes.script_made_for(job).payload, Script).scenes[number - 1]


@pytest.fixture
def ready(sketched, owner) -> Job:
    """A finished video that was made."""
    return run(order(owner))


@pytest.fixture
def finished(sketched, owner) -> Job:
    """A finished video that was laid down: nothing of it can be reused but its script."""
    return laid(owner)


def laid(owner, *scenes: str, minutes: float = 1.0, recording: Recording | None = None) -> Job:
    job = video(owner)
    job.brief |= {"target_minutes": minutes, "recording": to_json(recording)}
    Job.objects.filter(pk=job.pk).delete()
    job.save(force_insert=True)
    lay_down_script(job, scenes or SCENES)
    return job


def test_several_scenes_are_changed_by_one_job_and_all_else_is_reused(ready):
    again = run(
        remade(ready, SceneChange(1, words="A new beginning is said here."), SceneChange(3, picture="a red kite"))
    )

    assert (again.state, again.changed_scenes, again.price, again.cost) == ("READY", 2, 1, 1)
    assert made_parts(again) == {"voice": 1, "images": 1}
    assert scene_of(again, 1).display_text == "A new beginning is said here."
    assert scene_of(again, 3).image_prompt == "a red kite"
    assert [picture_of(again, number) == picture_of(ready, number) for number in (1, 2, 3, 4)] == [
        True,
        True,
        False,
        True,
    ]


def test_scene_with_new_words_keeps_its_picture_under_its_new_name(ready):
    again = remade(ready, SceneChange(1, words="A new beginning is said here, and more."))
    shown = making_of(again, at=timezone.now()).sheet.frames

    assert made_parts(run(again)) == {"voice": 1}
    assert picture_of(again, 1) == picture_of(ready, 1)
    described = scene_of(ready, 1).image_prompt
    assert shown[0].alt == f"Illustration for “A new beginning is said here”: {described}."
    assert shown[1].alt == f"Illustration for “{scene_of(ready, 2).title}”: {scene_of(ready, 2).image_prompt}."


def test_picture_of_the_same_description_is_drawn_anew_each_time(ready):
    second = run(remade(ready, SceneChange(2, wants_new_picture=True)))
    third = run(remade(second, SceneChange(2, wants_new_picture=True)))
    other = run(remade(third, SceneChange(2, wants_new_picture=True)))

    assert [made_parts(job) for job in (second, third, other)] == [{"images": 1}] * 3
    assert len({picture_of(job, 2) for job in (ready, second, third, other)}) == 4
    assert scene_of(third, 2).image_prompt == scene_of(ready, 2).image_prompt


def test_version_before_the_one_that_was_finished_last_is_not_changed(long):
    newer = remade(long, *KITES)
    Job.objects.filter(pk=newer.pk).update(state="READY", finished_at=timezone.now())

    with pytest.raises(NotPossible) as refused:
        remade(long, SceneChange(7, picture="a kite"))

    assert refused.value.sentence == "There is a newer version of this video; go on from that one."
    assert Job.objects.filter(project_id=long.project_id).latest("created_at") == newer


def test_finished_version_is_changed_anew_when_a_change_to_it_came_to_nothing(finished):
    stopped(remade(finished, SceneChange(2, picture="a red kite")))

    again = remade(finished, SceneChange(3, picture="a red kite"))

    assert (again.changed_scenes, scene_of(again, 2)) == (1, scene_of(finished, 2))


@pytest.mark.slow
def test_picture_that_was_drawn_for_an_earlier_version_is_found_again(ready):
    described = scene_of(ready, 2).image_prompt
    second = run(remade(ready, SceneChange(2, picture="a red kite")))

    back = run(remade(second, SceneChange(2, picture=described)))

    assert made_parts(back) == {}
    assert picture_of(back, 2) == picture_of(ready, 2)


@pytest.mark.parametrize(("changed", "credits"), [(1, 1), (5, 1), (6, 2)])
def test_one_credit_is_for_up_to_five_scenes(sketched, owner, changed, credits):
    made = laid(owner, *SCENES, *SCENES, minutes=3.0)

    again = remade(made, *(SceneChange(number, picture="a kite") for number in range(1, changed + 1)))

    assert (again.price, again.reserved, again.changed_scenes) == (credits, credits, changed)


def test_change_never_costs_more_than_the_video(sketched, owner):
    made = laid(owner, *SCENES, *SCENES)

    again = remade(made, *(SceneChange(number, picture="a kite") for number in range(1, 9)))

    assert again.price == 1


def test_words_that_add_whole_minutes_cost_them(finished):
    long = " ".join([SCENES[0]] * 24)

    again = remade(finished, SceneChange(1, words=long))

    assert scene_of(again, 1).estimated_seconds > 120
    assert (again.changed_scenes, again.price) == (1, 3)
    actions.cancel_video(job_id=again.pk, by=again.user, at=timezone.now())
    again.refresh_from_db()
    assert price_of_retry(again) == 3


def test_words_that_make_a_stopped_video_longer_cost_their_minutes_too(sketched, owner):
    job = run(order(owner), until="voice")
    actions.cancel_video(job_id=job.pk, by=owner, at=timezone.now())

    again = remade(job, SceneChange(1, words=" ".join([SCENES[0]] * 24)))

    assert (again.changed_scenes, again.price) == (0, 3)


@pytest.fixture
def long(sketched, owner) -> Job:
    """A finished video of which six scenes cost two credits."""
    made = laid(owner, *SCENES, *SCENES, minutes=3.0)
    file_of(made, "video.mp4")
    return made


KITES = tuple(SceneChange(number, picture="a kite") for number in range(1, 7))


def stopped_after_its_pictures(job: Job) -> Job:
    """Nothing is drawn for it: what is made stands for what would be."""
    done = JobStep.objects.filter(job=job, step__in=("voice", "images"), part="")
    done.update(state="DONE", artifact=remakes.script_made_for(job))
    return stopped(job)


def stopped(job: Job) -> Job:
    actions.cancel_video(job_id=job.pk, by=job.user, at=timezone.now())
    job.refresh_from_db()
    return job


def disagreements() -> list[Finding]:
    return [finding for invariant in INVARIANTS for finding in invariant.findings()]


def test_going_on_with_a_stopped_change_pays_no_finished_step_twice(long, owner):
    first = remade(long, *KITES)
    work_on(first, "voice", "visual_plan", "images")
    stopped(first)

    again = retry_video(job=first, by=owner, at=timezone.now())

    assert (first.price, first.cost, price_of_retry(first)) == (2, 1, 1)
    assert (again.changed_scenes, again.price, again.reserved) == (6, 2, 1)
    assert disagreements() == []
    assert run(again).cost == 1
    receipt = receipt_of(again, [first, long], duration_ms=48_000)
    assert [item.credits for item in receipt.items] == [2, -1]
    assert (receipt.used, receipt.used_in_all) == (1, 2)
    assert disagreements() == []


def test_stopped_change_that_is_changed_once_more_goes_on_too(long):
    first = stopped_after_its_pictures(remade(long, *KITES))

    again = remade(first, SceneChange(2, picture="a blue kite"), SceneChange(8, words="Something new is said."))

    assert (again.changed_scenes, again.price, again.reserved) == (7, 2, 1)


def test_same_changes_asked_of_the_finished_version_again_go_on_with_the_stopped_ones(long):
    stopped_after_its_pictures(remade(long, *KITES))

    assert remade(long, *KITES).reserved == 1


def test_what_a_stopped_change_kept_is_no_part_of_another_one(long):
    stopped_after_its_pictures(remade(long, *KITES))

    again = remade(long, *(replace(change, picture="a boat") for change in KITES))

    assert (again.price, again.reserved) == (2, 2)


@pytest.mark.slow
def test_what_was_kept_before_a_version_was_finished_is_part_of_no_later_change(long, owner):
    first = stopped_after_its_pictures(remade(long, *KITES))
    second = run(retry_video(job=first, by=owner, at=timezone.now()))

    again = remade(second, *(replace(change, picture="a boat") for change in KITES))

    assert (second.state, again.price, again.reserved) == ("READY", 2, 2)


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_a_stopped_try_of_the_whole_video_kept_is_no_part_of_a_change(long, hours):
    Job.objects.create(
        project=long.project,
        user=long.user,
        brief=long.brief,
        state="CANCELED",
        price=10,
        reserved=10,
        cost=3,
        created_at=long.created_at + timedelta(hours=hours),
        finished_at=timezone.now(),
    )

    assert remade(long, *KITES).reserved == 2


def test_script_of_a_change_is_given_so_that_stopping_keeps_nothing_for_it(sketched, owner):
    made = laid(owner, *SCENES * 12, minutes=10.0)
    again = remade(made, *(SceneChange(number, picture="a kite") for number in range(1, 47)))
    shown = making_of(again, at=timezone.now())

    actions.cancel_video(job_id=again.pk, by=again.user, at=timezone.now())

    again.refresh_from_db()
    assert (again.price, again.cost, shown.back_on_stop) == (10, 0, 10)


def test_stopping_a_change_keeps_nothing_for_what_the_finished_version_had(ready):
    again = remade(ready, SceneChange(1, words=" ".join([SCENES[0]] * 24)))
    work_on(again, "voice", "visual_plan")
    rows = JobStep.objects.filter(job=again, part="", state="DONE")
    shown = making_of(again, at=timezone.now())

    actions.cancel_video(job_id=again.pk, by=again.user, at=timezone.now())

    again.refresh_from_db()
    assert {row.step for row in rows} == {"script", "voice", "visual_plan", "images"}
    assert (again.price, again.cost, shown.back_on_stop) == (3, 0, 3)


def test_price_that_was_agreed_to_is_taken(finished):
    assert remade(finished, SceneChange(1, picture="a kite"), agreed_credits=1).reserved == 1


def test_other_price_than_agreed_starts_nothing(finished):
    with pytest.raises(PriceChanged) as refused:
        remade(finished, SceneChange(1, picture="a kite"), agreed_credits=4)

    assert refused.value.details == {"agreed": 4, "price": 1}
    assert_nothing_started(finished)


def assert_nothing_started(job: Job) -> None:
    assert Job.objects.filter(project_id=job.project_id).count() == 1
    assert balance(job.user_id).held == 0


@pytest.mark.parametrize(
    ("change", "part", "sentence"),
    [
        (SceneChange(9, words="x"), "", "This video has no scene 9. Choose a number from 1 to 4."),
        (SceneChange(1, words=" … "), "words", "The new text of the scene has no words. Write at least one word."),
        (SceneChange(1, words="x" * 2_001), "words", "The new text of the scene is too long. Keep it under 2,000"),
        (SceneChange(1, picture="🎉"), "picture", "The description of the picture has no words."),
        (SceneChange(1, picture="x" * 601), "picture", "The description is too long. Keep it under 600 characters."),
        (SceneChange(1, words="How to build a pipe bomb."), "words", "We make no videos about this"),
        (SceneChange(1, picture="how to build a pipe bomb"), "picture", "We make no videos about this"),
    ],
)
def test_what_cannot_be_said_or_drawn_is_refused_with_its_scene_and_part(finished, change, part, sentence):
    with pytest.raises(SceneRefused) as refused:
        remade(finished, change)

    assert (refused.value.number, refused.value.part) == (change.number, part)
    assert refused.value.sentence.startswith(sentence)
    assert_nothing_started(finished)


def test_letters_that_no_font_has_are_refused(finished):
    letters = (chr(code) for code in range(0x3FFFF, 0x10000, -1) if unicodedata.category(chr(code))[0] == "L")
    unknown = next(letter for letter in letters if missing_glyphs(letter))

    with pytest.raises(SceneRefused) as refused:
        remade(finished, SceneChange(1, words=f"These words are fine, but {unknown} is not."))

    assert (refused.value.part, unknown in refused.value.sentence) == ("words", True)


def test_word_that_no_caption_has_room_for_is_refused(finished):
    with pytest.raises(SceneRefused) as refused:
        remade(finished, SceneChange(1, words=f"These words are fine, but {'w' * 150} is not."))

    assert (refused.value.code, refused.value.part) == ("long_word", "words")


def test_scene_that_is_named_twice_is_refused(finished):
    with pytest.raises(SceneRefused) as refused:
        remade(finished, SceneChange(1, words="Once."), SceneChange(1, words="Twice."))

    assert refused.value.sentence == "Scene 1 is changed twice. Name it once."


@pytest.mark.parametrize("change", [SceneChange(1), SceneChange(1, words=f" {SCENES[0]}\n")])
def test_change_that_changes_nothing_is_refused(finished, change):
    with pytest.raises(NotPossible):
        remade(finished, change)

    assert_nothing_started(finished)


def test_words_of_a_recording_of_the_user_s_own_stay(sketched, owner):
    made = laid(owner, recording=Recording(Blob("0" * 64, 1, ".flac"), 48_000 * 20))

    with pytest.raises(NotPossible) as refused:
        remade(made, SceneChange(1, words="Other words."))

    assert refused.value.sentence == "This video speaks with your own recording, so its words cannot be changed."
    assert_nothing_started(made)
    assert remade(made, SceneChange(1, picture="a kite")).changed_scenes == 1


def test_video_that_is_being_made_cannot_be_changed(sketched, owner):
    job = run(order(owner), until="voice")

    with pytest.raises(NotPossible) as refused:
        remade(job, SceneChange(1, picture="a kite"))

    assert refused.value.sentence == "This video is being made right now. Stop it or wait until it is done."


def test_video_without_a_script_has_no_scene_to_change(sketched, owner):
    job = order(owner)
    actions.cancel_video(job_id=job.pk, by=owner, at=timezone.now())

    with pytest.raises(NotPossible) as refused:
        remade(job, SceneChange(1, picture="a kite"))

    assert refused.value.sentence == actions.NO_SCRIPT


@pytest.mark.parametrize(
    ("trouble", "mended"),
    [
        (SceneChange(2, picture="UNPAINTABLE things"), SceneChange(2, picture="a red kite")),
        pytest.param(
            SceneChange(2, words="An UNSPEAKABLE word."),
            SceneChange(2, words="Another word altogether."),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_refused_scene_is_mended_and_counts_once(ready, trouble, mended):
    failed = run(remade(ready, trouble, SceneChange(4, picture="a blue kite")))
    again = run(remade(failed, mended))

    assert (failed.state, failed.cost) == ("FAILED", 0)
    assert (again.state, again.changed_scenes, again.cost) == ("READY", 2, 1)
    assert scene_of(again, 4).image_prompt == "a blue kite"


@pytest.mark.slow
def test_video_that_was_never_finished_goes_on_with_the_change(sketched, owner):
    failed = run(order(owner, *SCENES[:3], f"Here is an UNSPEAKABLE thing. {SCENES[3]}"))

    again = run(remade(failed, SceneChange(4, words=SCENES[3])))

    assert (failed.state, failed.error_code) == ("FAILED", "voice_refused")
    assert (again.state, again.changed_scenes, again.price) == ("READY", 0, 1)
    assert made_parts(again)["voice"] == 1


@pytest.mark.slow
def test_change_back_to_the_finished_version_has_nothing_to_make(ready):
    described = scene_of(ready, 2).image_prompt
    failed = run(remade(ready, SceneChange(2, picture="UNPAINTABLE things")))

    with pytest.raises(NotPossible) as refused:
        remade(failed, SceneChange(2, picture=described))

    assert refused.value.sentence == "Nothing is otherwise than before, so there is nothing to make."


def test_words_that_are_changed_back_are_no_change(finished):
    first = stopped(remade(finished, SceneChange(1, words="A new beginning is said here.")))

    with pytest.raises(NotPossible) as refused:
        remade(first, SceneChange(1, words=SCENES[0]))
    again = remade(first, SceneChange(1, words=SCENES[0]), SceneChange(2, picture="a red kite"))

    assert refused.value.sentence == "Nothing is otherwise than before, so there is nothing to make."
    assert (again.changed_scenes, scene_of(again, 1)) == (1, scene_of(finished, 1))


def test_video_without_its_files_is_made_again_as_a_whole(finished):
    file_of(finished, "video.mp4")
    Asset.objects.filter(job=finished).update(expired_at=timezone.now())

    again = remade(finished, SceneChange(1, picture="a kite"))

    assert (again.changed_scenes, again.price) == (0, 1)


def test_same_key_gives_the_job_that_exists(finished):
    asked = {"idempotency_key": "monday", "request_digest": "1"}

    first, second = (remade(finished, SceneChange(1, picture="a kite"), **asked) for _ in range(2))

    assert first.pk == second.pk
    with pytest.raises(IdempotencyConflict):
        remade(finished, SceneChange(1, picture="a kite"), idempotency_key="monday", request_digest="2")


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_start_one_job(finished):
    def press(number: int) -> str:
        try:
            remade(Job.objects.get(pk=finished.pk), SceneChange(number + 1, picture="a kite"))
        except NotPossible as error:
            return error.sentence
        return ""

    answers = at_once(press, threads=4)

    assert sorted(answers)[0] == ""
    assert set(sorted(answers)[1:]) == {"This video is being made right now. Stop it or wait until it is done."}
    assert LedgerEntry.objects.filter(kind="RESERVE", project_id=finished.project_id).count() == 1


def test_staff_change_a_scene_of_a_customer_s_video_with_the_customer_s_credits(finished, capsys):
    call_command("remake", str(finished.pk), "--scene", "2", "--new-picture")

    again = Job.objects.filter(project_id=finished.project_id).latest("created_at")
    assert capsys.readouterr().out.splitlines()[0] == (
        "Started again for owner@example.com; 1 credit of theirs set aside."
    )
    assert (again.user, again.changed_scenes, scene_of(again, 2).take) == (finished.user, 1, 1)


@pytest.fixture
def moderator(settings) -> Iterator[WireServer]:
    """A vendor's, which has something against bombs at home."""
    server, _ = openai_text.openai_text()
    settings.PROVIDERS = {**settings.PROVIDERS, "moderator": "openai"}
    models = {"moderation": "omni-moderation-latest"}
    registry.use_accounts({"openai": Account("openai", openai_text.KEY, f"{server.url}/v1", models, PATIENT)})
    yield server
    registry.use_accounts(settings.PROVIDER_ACCOUNTS)
    server.close()


def test_vendor_judges_all_that_is_new_in_one_call_before_anything_is_set_aside(finished, moderator):
    with pytest.raises(Rejected) as refused:
        remade(finished, SceneChange(1, words="Here is a bomb at home."), SceneChange(2, picture="a kite"))

    assert [call.json["input"] for call in moderator.calls] == [["Here is a bomb at home.\na kite"]]
    assert refused.value.code == "text_refused"
    assert ProviderCall.objects.filter(capability="moderator", job_step=None).count() == 1
    assert_nothing_started(finished)


def test_words_that_the_vendor_could_not_judge_are_not_used(finished, moderator):
    moderator.fail(status(500))

    with pytest.raises(NotJudged) as refused:
        remade(finished, SceneChange(1, words="Here is a kite at home."))

    assert refused.value.sentence.startswith("Your words could not be checked just now. Nothing was charged.")
    assert_nothing_started(finished)


def test_same_key_gives_the_same_job_while_nobody_judges(finished, moderator):
    asked = {"idempotency_key": "monday", "request_digest": "1"}
    first = remade(finished, SceneChange(1, words="Here is a kite at home."), **asked)
    moderator.fail(status(500))

    second = remade(finished, SceneChange(1, words="Here is a kite at home."), **asked)

    assert (second.pk, len(moderator.calls)) == (first.pk, 1)


def test_new_picture_of_the_same_description_has_nothing_to_judge(finished, moderator):
    assert remade(finished, SceneChange(1, wants_new_picture=True)).changed_scenes == 1
    assert moderator.calls == []
