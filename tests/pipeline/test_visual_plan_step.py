"""The visual plan: one look for the whole video, and shots that do not know each other."""

from dataclasses import replace

import pytest

from apps.pipeline import codec
from apps.pipeline.contracts import NICHES, Look, Scene, Script, ScriptFacts, Token, VisualPlan
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.visual_plan import VisualPlanStep


def _scene(number, picture="a cat on a roof"):
    return Scene(f"scene_{number:03d}", f"Title {number}", (Token("Hi", "Hi"),), "c", picture, "", 3.0)


SCRIPT = Script("t", "d", "en", tuple(_scene(number) for number in range(1, 9)), ScriptFacts(24.0, 8, 8), "you")

NO_LOOK = Look()


def _plan(script=SCRIPT, niche="history", shape="16:9", seed=7, look=NO_LOOK):
    step = VisualPlanStep()
    brief = {"niche_preset": niche, "shape": shape, "seed": seed, "look": look}
    return step.make(step.request(Inputs(brief, {"script": script})), None)


def _with_scene(number, scene):
    return replace(SCRIPT, scenes=(*SCRIPT.scenes[: number - 1], scene, *SCRIPT.scenes[number:]))


def test_changed_picture_leaves_the_other_shots_as_they_were():
    plan, changed = _plan(), _plan(_with_scene(3, _scene(3, "a ship at sea")))

    different = [index for index, pair in enumerate(zip(plan.shots, changed.shots, strict=True)) if pair[0] != pair[1]]
    assert different == [2]
    assert (plan.style, plan.palette) == (changed.style, changed.palette)


def test_another_take_is_another_request_of_the_same_description_and_nothing_else_moves():
    plan, again = _plan(), _plan(_with_scene(3, replace(SCRIPT.scenes[2], take=1)))

    assert (again.shots[2].prompt, again.shots[2].alt) == (plan.shots[2].prompt, plan.shots[2].alt)
    assert again.shots[2].seed != plan.shots[2].seed
    assert [*again.shots[:2], *again.shots[3:]] == [*plan.shots[:2], *plan.shots[3:]]


def test_changed_words_leave_the_plan_as_it_was():
    assert _plan(_with_scene(3, replace(SCRIPT.scenes[2], tokens=(Token("Other", "Other"),)))) == _plan()


@pytest.mark.parametrize(("shape", "size"), [("16:9", (1920, 1080)), ("9:16", (1080, 1920)), ("1:1", (1080, 1080))])
def test_shots_have_the_size_of_the_shape(shape, size):
    assert {(shot.width, shot.height) for shot in _plan(shape=shape).shots} == {size}


@pytest.mark.parametrize("niche", NICHES)
def test_each_niche_has_a_look_of_five_colours(niche):
    plan = _plan(niche=niche)

    assert len(set(plan.palette)) == 5
    assert all(shot.palette == plan.palette and plan.style in shot.prompt for shot in plan.shots)


def test_niches_look_different():
    assert len({_plan(niche=niche).style for niche in NICHES}) == 6


def test_seed_picks_the_palette_and_repeats_it():
    assert len({_plan(seed=seed).palette for seed in range(20)}) == 3
    assert _plan(seed=3) == _plan(seed=3)


def test_shots_of_one_video_differ_in_seed_and_focus():
    shots = _plan().shots

    assert len({shot.seed for shot in shots}) == 8
    assert len({shot.focus for shot in shots}) > 3
    assert all(0.3 <= share <= 0.7 for shot in shots for share in (shot.focus.x, shot.focus.y))


@pytest.mark.parametrize(
    ("asked", "first_colours"),
    [
        ("warm", ("#3d1f1f", "#c44536")),
        (" Mono ", ("#161616", "#5c5c5c")),
        ("#AA0000, #00bb00", ("#aa0000", "#00bb00")),
    ],
)
def test_palette_of_the_user_wins(asked, first_colours):
    palette = _plan(look=Look(palette=asked)).palette

    assert palette[:2] == first_colours
    assert len(palette) == 5


def test_unknown_palette_leaves_the_choice_to_the_niche():
    assert _plan(look=Look(palette="mauve-ish")).palette == _plan().palette


def test_style_of_the_user_wins():
    plan = _plan(look=Look(visual_style="paper\ncut-out\u202e"))

    assert plan.style == "paper cut-out"
    assert plan.shots[0].prompt.startswith("a cat on a roof. Style: paper cut-out. Mood: ")


def test_pictures_carry_no_text():
    shot = _plan().shots[0]

    assert shot.negative_prompt.startswith("text, letters, words")
    assert shot.alt == "Illustration for “Title 1”: a cat on a roof."


def test_plan_survives_storage():
    plan = _plan()

    assert codec.from_json(codec.to_json(plan), VisualPlan) == plan
