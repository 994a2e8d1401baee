"""The embedded illustrator: sized, repeatable, readable under captions, and never twice the same picture."""

from __future__ import annotations

import io
from itertools import combinations, pairwise

import imagehash
import numpy as np
import pytest
from PIL import Image

from apps.pipeline.contracts import NICHES, Focus, Shot
from apps.pipeline.providers.painter.base import PaintRequest
from apps.pipeline.providers.painter.illustrator import Illustrator, scene_number
from apps.pipeline.providers.painter.scenery.motifs import choose_composition, choose_mood, choose_subject, cues_of
from apps.pipeline.providers.painter.scenery.palette import MOODS, rgb, tinted
from apps.pipeline.providers.painter.scenery.repertoire import COMPOSITIONS, HOURS, PROGRAMMES

PALETTE = ("#1d2038", "#7a4b5a", "#e0795a", "#f5c07a", "#fbeed5")


def shot(number: int = 1, **changes) -> Shot:
    fields = {
        "scene_id": f"scene_{number:03}",
        "prompt": "",
        "negative_prompt": "",
        "style": "",
        "palette": PALETTE,
        "niche": "motivation",
        "focus": Focus((0.34, 0.66, 0.5)[number % 3], 0.45),
        "seed": 11,
        "width": 480,
        "height": 270,
        "alt": "",
    }
    return Shot(**{**fields, **changes})


def painted(wanted: Shot) -> Image.Image:
    return Image.open(io.BytesIO(Illustrator().paint(PaintRequest(wanted)).content))


@pytest.mark.parametrize("niche", NICHES)
@pytest.mark.parametrize("size", [(480, 270), (270, 480), (256, 256), (642, 274)])
def test_each_shape_is_painted_at_exactly_its_size(niche, size):
    image = painted(shot(niche=niche, width=size[0], height=size[1]))

    assert (image.format, image.mode, image.size) == ("PNG", "RGB", size)


@pytest.mark.parametrize("niche", NICHES)
def test_the_same_shot_gives_the_same_bytes(niche):
    first, second = (Illustrator().paint(PaintRequest(shot(3, niche=niche))) for _ in range(2))

    assert first == second


def test_another_seed_gives_another_picture():
    first, second = painted(shot(seed=1)), painted(shot(seed=2))

    assert imagehash.phash(first) - imagehash.phash(second) >= 10


@pytest.mark.parametrize(("niche", "seed"), [(niche, seed) for niche in NICHES for seed in (5, 77)])
def test_any_two_of_twenty_scenes_differ_clearly(niche, seed):
    hashes = {
        number: imagehash.phash(painted(shot(number, niche=niche, seed=seed, width=320, height=180)))
        for number in range(1, 21)
    }

    alike = [(a, b) for a, b in combinations(hashes, 2) if hashes[a] - hashes[b] < 10]

    assert alike == []


def test_scenes_about_one_thing_still_differ_clearly():
    hashes = [imagehash.phash(painted(shot(number, prompt="a purring cat", niche="facts"))) for number in range(1, 13)]

    assert [(a, b) for a, b in combinations(range(12), 2) if hashes[a] - hashes[b] < 10] == []


@pytest.mark.parametrize("name", COMPOSITIONS)
@pytest.mark.parametrize("size", [(480, 270), (270, 480)])
def test_every_composition_stays_readable_under_captions(name, size, monkeypatch):
    monkeypatch.setitem(PROGRAMMES, "facts", (name,))

    painting = Illustrator().paint(PaintRequest(shot(4, niche="facts", width=size[0], height=size[1])))
    luma = np.asarray(Image.open(io.BytesIO(painting.content)).convert("L"))

    assert 40 <= luma.mean() <= 215
    assert luma.std() > 18
    assert 0 <= painting.focus.x <= 1
    assert 0 <= painting.focus.y <= 1


def test_the_repertoire_offers_fifty_compositions_and_every_niche_at_least_ten():
    assert len(COMPOSITIONS) >= 50
    assert min(len(programme) for programme in PROGRAMMES.values()) >= 10
    assert all(name in COMPOSITIONS for programme in PROGRAMMES.values() for name in programme)
    assert all(hour in MOODS for hours in HOURS.values() for hour in hours)


def test_neighbouring_scenes_get_different_compositions():
    for niche in NICHES:
        names = [choose_composition(niche, frozenset(), number) for number in range(1, 21)]

        assert all(first is not second for first, second in pairwise(names))


@pytest.mark.parametrize(
    ("niche", "prompt", "composition"),
    [
        ("science", "How the brain stores a memory", "neurons"),
        ("science", "Atoms join into a molecule", "molecule"),
        ("history", "The Roman temple fell into ruin", "ruins"),
        ("finance", "A stack of coins", "coins"),
        ("explainer", "Every idea is a light bulb", "lamp"),
        ("motivation", "The mountain and its summit", "peaks"),
    ],
)
def test_words_of_the_scene_pull_a_composition_forward(niche, prompt, composition):
    assert choose_composition(niche, cues_of(prompt, "").own, 0) is COMPOSITIONS[composition]


def test_words_shared_by_the_whole_video_pull_nothing():
    prompt = "cats, purring, throat, muscles; a playful lake. Style: bold mountain. Mood: dawn. No text in the picture."

    cues = cues_of(prompt, "bold mountain")

    assert cues.words == {"cats", "purring", "throat", "muscles"}
    assert cues.own == {"throat", "muscles"}


def test_a_described_picture_is_read_whole():
    cues = cues_of("A lighthouse at night, bold. Mood: dawn.", "bold poster")

    assert cues.own == cues.words == {"a", "lighthouse", "at", "night"}


@pytest.mark.parametrize(
    ("prompt", "mood", "subject"),
    [
        ("a cat at night", "night", "cat"),
        ("ships leave at dawn", "dawn", "ship"),
        ("the crowd at sunset", "dusk", "crowd"),
        ("nothing in particular", "golden", ""),
    ],
)
def test_words_set_the_hour_and_the_silhouette(prompt, mood, subject):
    words = cues_of(prompt, "").words

    assert (choose_mood("motivation", words, 0), choose_subject(words)) == (mood, subject)


@pytest.mark.parametrize(("scene_id", "number"), [("scene_007", 7), ("scene_120", 120), ("12", 12)])
def test_a_scene_is_known_by_its_number(scene_id, number):
    assert scene_number(scene_id) == number


def test_the_palette_tints_a_mood_without_changing_how_light_it_is():
    grey = MOODS["day"]

    red = tinted(grey, ("#5a0000", "#b00000", "#ff8080"))

    assert red.sky[0] > grey.sky[0]
    assert float(red.sky.mean()) == pytest.approx(float(grey.sky.mean()), abs=0.08)


@pytest.mark.parametrize("palette", [(), ("no colour",), ("#12", "teal"), ("#ffffff",), ("#000000",) * 5])
def test_an_odd_palette_still_gives_a_picture(palette):
    luma = np.asarray(painted(shot(8, niche="facts", palette=palette)).convert("L"))

    assert luma.std() > 18


def test_what_is_not_a_colour_is_refused():
    with pytest.raises(ValueError, match="not a colour"):
        rgb("#12345")
