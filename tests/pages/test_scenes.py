"""The page on which scenes are changed: what it shows, what it costs, and what is kept of what was typed."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from apps.billing.queries import balance
from apps.notifications.models import Notification
from apps.pipeline.actions import cancel_video
from apps.pipeline.models import Asset, Job, JobStep
from apps.pipeline.scene_views import BEING_MADE, MANY_CHANGES, MEANWHILE_CHANGED, MEANWHILE_MADE
from apps.pipeline.text.editing import SceneChange
from tests.engine.conftest import sketched
from tests.engine.test_remakes import SCENES, laid, moderator, order, picture_of, remade, scene_of
from tests.engine.test_runner import run
from tests.pages.conftest import file_of, give, trivial, video
from tests.pages.made import lay_down_files, lay_down_words

__all__ = ["moderator", "sketched", "trivial"]

pytestmark = pytest.mark.django_db
PIECE = {"HX-Request": "true"}


@pytest.fixture
def ready(sketched, owner) -> Job:
    """A finished video that was made."""
    give(owner, 10)
    return run(order(owner))


@pytest.fixture
def finished(sketched, owner) -> Job:
    """A finished video that was laid down: nothing of it can be reused but its script."""
    give(owner, 10)
    return laid(owner)


@pytest.fixture
def page(as_user, owner, finished):
    """What the owner sends to the page, changes beside all that stands on it."""
    client = as_user(owner)

    def send(headers=None, job: Job | None = None, **changes: str):
        base = job or finished
        sent = {"base": str(base.pk), "key": "one", **fields_of(base), **changes}
        return client.post(f"/app/videos/{finished.project_id}/scenes", sent, headers=headers or {})

    return send


def fields_of(job: Job) -> dict[str, str]:
    scenes = [scene_of(job, number) for number in range(1, len(SCENES) + 1)]
    words = {f"words_{number}": scene.display_text for number, scene in enumerate(scenes, 1)}
    return words | {f"picture_{number}": scene.image_prompt for number, scene in enumerate(scenes, 1)}


def words_of(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2].partition("</main>")[0])
    return " ".join(text.replace("\xa0", " ").replace("&nbsp;", " ").split())


def jobs_of(job: Job) -> int:
    return Job.objects.filter(project_id=job.project_id).count()


def test_page_shows_what_each_scene_says_shows_and_how_long_it_is(as_user, owner, ready):
    answer = as_user(owner).get(f"/app/videos/{ready.project_id}/scenes")

    html = answer.content.decode()
    assert [scene.shown.words for scene in answer.context["scenes"]] == list(SCENES)
    assert [scene.shown.sha256 for scene in answer.context["scenes"]] == [picture_of(ready, n) for n in (1, 2, 3, 4)]
    assert [scene.shown.length for scene in answer.context["scenes"]] == ["6 s"] * 4
    assert f"/app/videos/{ready.project_id}/pictures/{picture_of(ready, 2)}/320" in html
    assert f'alt="Picture of scene 2: {scene_of(ready, 2).image_prompt}"' in html
    assert "Nothing is changed yet." in words_of(answer)
    assert "Only what is changed is made again. You’ll never be charged more than this;" in words_of(answer)
    assert "Show the price" in words_of(answer)


def test_price_is_shown_before_anything_is_made(page, finished):
    answer = page(words_1="Something new is said.", redraw_3="on", price="1")

    assert answer.status_code == 200
    assert "2 scenes · 1 credit to make" in words_of(answer)
    assert "Scene 1 words Scene 3 picture" in words_of(answer)
    assert "Remake 2 scenes · 1 credit" in words_of(answer)
    assert "Something new is said.</textarea>" in answer.content.decode()
    assert jobs_of(finished) == 1


def test_button_makes_the_video_with_the_changes(page, finished):
    answer = page(words_1="Something new is said.", redraw_3="on", make="1", agreed="1")

    again = Job.objects.filter(project_id=finished.project_id).latest("created_at")
    assert answer.url == f"/app/videos/{finished.project_id}"
    assert (again.changed_scenes, again.reserved) == (2, 1)
    assert scene_of(again, 1).display_text == "Something new is said."
    assert scene_of(again, 3).take == 1


def test_second_press_of_the_button_leads_to_the_same_video(page, finished):
    sent = {"words_1": "Something new is said.", "make": "1", "agreed": "1"}

    answers = [page(**sent).url for _ in range(2)]

    assert set(answers) == {f"/app/videos/{finished.project_id}"}
    assert jobs_of(finished) == 2


def test_other_price_than_the_button_named_is_shown_first(page, finished):
    answer = page(words_1="Something new is said.", make="1", agreed="7")

    assert "The price is for what you changed just now." in words_of(answer)
    assert jobs_of(finished) == 1


def test_what_cannot_be_made_is_marked_at_its_field_and_nothing_typed_is_lost(page, finished):
    typed = {"words_1": "…", "picture_2": "how to build a pipe bomb", "words_3": "Kept as it was typed."}

    answer = page(**typed, make="1", agreed="1")

    form = answer.context["form"]
    assert answer.status_code == 400
    assert {name: list(errors) for name, errors in form.errors.items()} == {
        "words_1": ["The new text of the scene has no words. Write at least one word."],
        "picture_2": ["We make no videos about this: it could do harm. Use other words."],
    }
    assert "Kept as it was typed.</textarea>" in answer.content.decode()
    assert jobs_of(finished) == 1


def test_far_too_long_text_is_refused_without_being_read(page):
    answer = page(words_1="x" * 9_000)

    assert list(answer.context["form"].errors["words_1"]) == ["This is too long. Keep it under 2,000 characters."]


def test_slip_alone_answers_while_somebody_types(page, finished):
    answer = page(PIECE, words_1="Something new is said.")

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in html
    assert re.findall(r'id="([a-z-]+)"[^>]*hx-swap-oob="true"', html) == ["remake-line", "remake-rows", "remake-button"]
    assert "<strong>1 credit</strong> to make" in html
    assert 'name="agreed" value="1"' in html


def test_typing_never_makes_anything(page, finished):
    page(PIECE, words_1="Something new is said.", make="1", agreed="1")

    assert jobs_of(finished) == 1


def test_slip_says_what_is_wrong_while_somebody_types(page):
    answer = page(PIECE, words_2=" ")

    assert answer.status_code == 200
    assert "Scene 2: The new text of the scene has no words." in answer.content.decode()


def test_credits_that_are_missing_are_said_before_the_button(as_user, owner, sketched):
    made = laid(owner)
    sent = {"base": str(made.pk), **fields_of(made), "words_1": "Something new is said."}

    answer = as_user(owner).post(f"/app/videos/{made.project_id}/scenes", sent)
    refused = as_user(owner).post(f"/app/videos/{made.project_id}/scenes", {**sent, "make": "1", "agreed": "1"})

    assert balance(owner.pk).available == 0
    assert "You have 0 credits: 1 is missing." in words_of(answer)
    assert refused.status_code == 402
    assert "Something new is said.</textarea>" in refused.content.decode()
    assert jobs_of(made) == 1


def test_nobody_is_asked_to_judge_what_cannot_be_paid(as_user, owner, sketched, moderator):
    made = laid(owner)
    sent = {"base": str(made.pk), **fields_of(made), "words_1": "Here is a kite at home.", "make": "1", "agreed": "1"}

    answer = as_user(owner).post(f"/app/videos/{made.project_id}/scenes", sent)

    assert (answer.status_code, moderator.calls) == (402, [])


def test_press_of_the_button_too_soon_after_others_asks_nobody_and_keeps_what_was_typed(
    page, finished, moderator, settings
):
    rates = settings.ACCOUNT_RATE_LIMITS
    settings.ACCOUNT_RATE_LIMITS = {**rates, "changed_scenes": rates["changed_scenes"].replace("10/m", "2/m")}

    answers = [page(key=str(n), words_1=f"Number {n} is a bomb at home.", make="1", agreed="1") for n in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert len(moderator.calls) == 2
    assert MANY_CHANGES in words_of(answers[-1])
    assert "Number 2 is a bomb at home.</textarea>" in answers[-1].content.decode()
    assert jobs_of(finished) == 1


def test_changes_for_a_version_that_is_not_the_newest_are_put_onto_it(page, finished):
    newer = remade(finished, SceneChange(1, words="Said elsewhere."))
    cancel_video(job_id=newer.pk, by=newer.user, at=timezone.now())

    answer = page(words_2="Something new is said.", make="1", agreed="1")

    html = answer.content.decode()
    assert answer.status_code == 409
    assert MEANWHILE_CHANGED in words_of(answer)
    assert "Said elsewhere.</textarea>" in html
    assert "Something new is said.</textarea>" in html
    assert f'name="base" value="{newer.pk}"' in html
    assert "2 scenes · 1 credit to make" in words_of(answer)
    assert jobs_of(finished) == 2


def test_even_what_cannot_be_made_is_put_onto_the_newest_version(page, finished):
    newer = remade(finished, SceneChange(1, words="Said elsewhere."))
    cancel_video(job_id=newer.pk, by=newer.user, at=timezone.now())

    answer = page(words_2="…", picture_3="how to build a pipe bomb", redraw_4="on")

    form = answer.context["form"]
    assert (form["words_2"].value(), form["picture_3"].value(), form["redraw_4"].value()) == (
        "…",
        "how to build a pipe bomb",
        True,
    )
    assert set(form.errors) == {"words_2", "picture_3"}


def test_change_that_was_left_unmade_is_on_the_slip_from_the_start(as_user, owner, finished):
    newer = remade(finished, SceneChange(1, words="Said elsewhere."))
    cancel_video(job_id=newer.pk, by=owner, at=timezone.now())
    client = as_user(owner)

    page = client.get(f"/app/videos/{finished.project_id}/scenes")
    sent = {"base": str(newer.pk), **fields_of(newer), "make": "1", "agreed": "1"}
    client.post(f"/app/videos/{finished.project_id}/scenes", sent)

    assert "1 scene · 1 credit to make" in words_of(page)
    again = Job.objects.filter(project_id=finished.project_id).latest("created_at")
    assert (again.changed_scenes, scene_of(again, 1).display_text) == (1, "Said elsewhere.")


def test_changes_while_the_video_is_made_are_kept_and_not_made(page, finished):
    remade(finished, SceneChange(1, words="Said elsewhere."))

    answer = page(key="two", words_2="Something new is said.", make="1", agreed="1")

    assert answer.status_code == 409
    assert MEANWHILE_MADE in words_of(answer)
    assert "Something new is said.</textarea>" in answer.content.decode()
    assert jobs_of(finished) == 2


def test_video_in_the_making_says_so(as_user, owner, sketched):
    give(owner, 10)
    job = order(owner)

    answer = as_user(owner).get(f"/app/videos/{job.project_id}/scenes")

    assert (answer.status_code, BEING_MADE in words_of(answer)) == (200, True)


def test_video_without_a_script_has_no_scenes(as_user, owner):
    job = video(owner, state="CANCELED")
    client = as_user(owner)

    answers = [client.get(f"/app/videos/{job.project_id}/scenes"), client.post(f"/app/videos/{job.project_id}/scenes")]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert "This video has no script yet" in words_of(answers[0])


def test_video_of_another_user_is_not_found(as_user, stranger, finished):
    client = as_user(stranger)

    address = f"/app/videos/{finished.project_id}"
    answers = [client.get(f"{address}/scenes"), client.post(f"{address}/scenes"), client.get(f"{address}/finished")]

    assert [answer.status_code for answer in answers] == [404] * 3


def test_job_of_another_video_is_no_base(as_user, owner, finished):
    other = laid(owner)
    sent = {"base": str(other.pk), **fields_of(finished), "words_1": "Something new is said."}

    answer = as_user(owner).post(f"/app/videos/{finished.project_id}/scenes", sent)

    assert "1 scene · 1 credit to make" in words_of(answer)


def test_own_recording_s_words_are_shown_and_cannot_be_typed(as_user, owner):
    job = video(owner, title="Why cats purr")
    job.brief["recording"] = {"file": {"sha256": "0" * 64, "size_bytes": 1, "suffix": ".flac"}, "samples": 48_000}
    Job.objects.filter(pk=job.pk).delete()
    job.save(force_insert=True)
    lay_down_words(job)

    answer = as_user(owner).get(f"/app/videos/{job.project_id}/scenes")

    assert "Cats purr when they rest. Your own recording says these words, so they stay." in words_of(answer)
    assert "words_1" not in answer.context["form"].fields


def test_video_without_its_files_costs_the_whole_of_it(page, finished):
    file_of(finished, "video.mp4")
    Asset.objects.filter(job=finished).update(expired_at=timezone.now())

    answer = page(words_1="Something new is said.")

    assert "The files of this video were deleted, pictures too." in words_of(answer)
    assert "The whole video · 1 credit to make" in words_of(answer)
    assert "Make it again with this · 1 credit" in words_of(answer)
    assert "Only what is changed is made again." not in words_of(answer)
    assert "/pictures/" not in answer.content.decode()


@pytest.mark.slow
def test_long_video_is_changed_page_by_page(as_user, owner, sketched):
    give(owner, 10)
    job = order(owner, *(f"Number {number}. {SCENES[0]}" for number in range(60)), target_minutes=8.0)
    run(job, until="voice")
    cancel_video(job_id=job.pk, by=owner, at=timezone.now())
    client = as_user(owner)

    first, second = (client.get(f"/app/videos/{job.project_id}/scenes", {"page": page}) for page in (1, 2))

    shown = [[scene.shown.number for scene in answer.context["scenes"]] for answer in (first, second)]
    assert shown == [list(range(1, 51)), list(range(51, len(shown[1]) + 51))]
    assert f"{job.project_id}/scenes?page=2" in second.content.decode()
    assert len(second.context["form"].fields) < 200


def test_ready_page_leads_to_its_scenes(as_user, owner):
    job = video(owner, title="Why cats purr")
    lay_down_words(job)
    lay_down_files(job)

    assert (
        f'href="/app/videos/{job.project_id}/scenes"'
        in as_user(owner).get(f"/app/videos/{job.project_id}").content.decode()
    )


def test_refused_scene_leads_to_its_change_and_the_video_goes_on(as_user, owner, sketched):
    give(owner, 10)
    failed = run(order(owner, *SCENES[:3], f"Here is an UNSPEAKABLE thing. {SCENES[3]}"))
    client = as_user(owner)

    ended = client.get(f"/app/videos/{failed.project_id}")
    sent = {"base": str(failed.pk), **fields_of(failed), "words_4": SCENES[3], "make": "1", "agreed": "1"}
    client.post(f"/app/videos/{failed.project_id}/scenes", sent)

    assert f'href="/app/videos/{failed.project_id}/scenes#scene-4"' in ended.content.decode()
    assert "Edit scene 4 and continue" in words_of(ended)
    assert Notification.objects.get(event="video_failed").facts["scene"] == 4
    again = run(Job.objects.filter(project_id=failed.project_id).latest("created_at"))
    assert again.state == "READY"
    assert JobStep.objects.filter(job=again, step="voice", reused=False).exclude(part="").count() == 1


def test_video_that_was_never_finished_is_made_as_a_whole_and_the_slip_says_so(as_user, owner, sketched):
    give(owner, 10)
    job = run(order(owner), until="voice")
    cancel_video(job_id=job.pk, by=owner, at=timezone.now())
    client = as_user(owner)
    address = f"/app/videos/{job.project_id}/scenes"
    sent = {"base": str(job.pk), **fields_of(job), "words_1": "Something new is said."}

    first, counted, typed = client.get(address), client.post(address, sent), client.post(address, sent, headers=PIECE)

    assert "Only what is changed is made again." not in words_of(first) + words_of(counted)
    assert "The whole video · 1 credit to make" in words_of(counted)
    assert "The whole video&nbsp;· <strong>1 credit</strong> to make" in typed.content.decode()
    assert "Go on with this · 1 credit" in words_of(counted)


def test_change_that_failed_leaves_the_finished_version_to_be_seen(as_user, owner, ready):
    run(remade(ready, SceneChange(2, picture="UNPAINTABLE things")))
    client = as_user(owner)

    ended, before = (
        client.get(f"/app/videos/{ready.project_id}"),
        client.get(f"/app/videos/{ready.project_id}/finished"),
    )

    assert f'href="/app/videos/{ready.project_id}/finished"' in ended.content.decode()
    assert (before.status_code, before.context["video"].job_id) == (200, ready.pk)
    assert "This is the version that was finished last." in words_of(before)


def test_picture_is_described_as_it_was_drawn_and_not_as_it_was_wished_since(as_user, owner, ready):
    words = SceneChange(1, words="A new beginning is said here.")
    run(remade(ready, words, SceneChange(2, picture="UNPAINTABLE things")))

    html = as_user(owner).get(f"/app/videos/{ready.project_id}/scenes").content.decode()

    assert re.findall(r'alt="(Picture of scene [12]: [^"]*)"', html) == [
        f"Picture of scene {number}: {scene_of(ready, number).image_prompt}" for number in (1, 2)
    ]


def test_version_that_is_the_newest_has_one_address(as_user, owner, finished):
    assert as_user(owner).get(f"/app/videos/{finished.project_id}/finished").url == f"/app/videos/{finished.project_id}"


def test_page_costs_few_queries(as_user, owner, finished, django_assert_max_num_queries):
    client = as_user(owner)

    with django_assert_max_num_queries(12):
        client.get(f"/app/videos/{finished.project_id}/scenes")
