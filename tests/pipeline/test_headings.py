"""A scene whose words were changed is called by the new ones, wherever it is named, and keeps its picture."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from apps.pipeline.codec import from_json, to_json
from apps.pipeline.contracts import Look, Script, VisualPlan
from apps.pipeline.packaging.chapters import marks_of
from apps.pipeline.packaging.documents import plan_document, script_document
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.timeline import TimelineStep
from apps.pipeline.steps.visual_plan import VisualPlanStep
from apps.pipeline.text.editing import SceneChange, edit_script
from tests.pipeline.small_video import BRIEF, images_of, narration_of, script_of, timings_of

BEFORE = script_of()
WORDS = "A kitten, then, learns it from its mother. It purrs back."
AFTER = edit_script(BEFORE, [SceneChange(2, words=WORDS)], words_per_minute=150)


def plan_of(script: Script) -> VisualPlan:
    step = VisualPlanStep()
    brief = {"niche_preset": "science", "shape": "16:9", "seed": 7, "look": Look()}
    return step.make(step.request(Inputs(brief, {"script": script})), None)


def timeline_of(script: Script):
    narration = narration_of((120, 150, 90))
    pictures = images_of(script).pictures
    drawn = tuple(replace(one, alt=shot.alt) for one, shot in zip(pictures, plan_of(script).shots, strict=True))
    contracts = {
        "script": script,
        "voice": narration,
        "alignment": timings_of(script, narration),
        "images": replace(images_of(script), pictures=drawn),
    }
    step = TimelineStep()
    return step.make(step.request(Inputs(BRIEF, contracts)), context=None)


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        (WORDS, "A kitten, then, learns it from"),
        ("Nobody knows.  Not even cats…", "Nobody knows"),
        ("It purrs.", "It purrs"),
    ],
)
def test_scene_is_called_by_the_first_words_of_its_new_ones(words, heading):
    scene = edit_script(BEFORE, [SceneChange(2, words=words)], words_per_minute=150).scenes[1]

    assert (scene.called, scene.title) == (heading, "Part 2")


def test_scene_with_another_picture_is_called_as_before():
    scene = edit_script(BEFORE, [SceneChange(2, picture="a kite")], words_per_minute=150).scenes[1]

    assert (scene.called, scene.heading) == ("Part 2", "")


def test_script_that_was_stored_before_there_were_headings_is_read():
    stored = to_json(BEFORE)
    for scene in stored["scenes"]:
        del scene["heading"]

    assert from_json(stored, Script) == BEFORE


def test_picture_of_a_scene_with_new_words_is_asked_for_as_before():
    assert plan_of(AFTER) == plan_of(BEFORE)


def test_chapter_is_called_by_the_new_words():
    assert [mark.title for mark in marks_of(AFTER, timeline_of(AFTER))] == [
        "Part 1",
        "A kitten, then, learns it from",
        "Part 3",
    ]


def test_alternative_text_quotes_the_new_words_and_no_other_one_moves():
    assert [segment.alt for segment in timeline_of(AFTER).segments] == [
        "Illustration for “Part 1”: a cat.",
        "Illustration for “A kitten, then, learns it from”: a cat.",
        "Illustration for “Part 3”: a cat.",
    ]


def test_plan_in_the_package_quotes_the_new_words():
    shots = json.loads(plan_document(plan_of(AFTER), AFTER))["shots"]

    assert [shot["alt"].partition("”")[0].partition("“")[2] for shot in shots] == [
        "Part 1",
        "A kitten, then, learns it from",
        "Part 3",
    ]


def test_script_in_the_package_names_scenes_as_they_are_called():
    titles = [scene["title"] for scene in json.loads(script_document(AFTER))["scenes"]]

    assert titles == ["Part 1", "A kitten, then, learns it from", "Part 3"]
