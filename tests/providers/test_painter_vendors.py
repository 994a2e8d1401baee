"""Gemini and OpenAI as painters: what they are asked, what becomes of their pictures, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from apps.pipeline.contracts import SHAPE_SIZES, Focus, Shape
from apps.pipeline.providers.painter.base import PaintRequest
from apps.pipeline.providers.painter.wording import described, nearest_shape
from tests.providers.painting import SHOT, VENDORS, Studio, encoded, studio, with_reference
from tests.wire.contracts import violations
from tests.wire.forms import form_of, form_violations
from tests.wire.gemini_pictures import violations_of
from tests.wire.paint import picture
from tests.wire.server import answer, as_json

pytestmark = pytest.mark.usefixtures("decoding_here")

ASKED_SHAPES = {
    "gemini": {"16:9": "16:9", "9:16": "9:16", "1:1": "1:1"},
    "openai": {"16:9": "1536x1024", "9:16": "1024x1536", "1:1": "1024x1024"},
}


@pytest.fixture(params=VENDORS)
def atelier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Studio]:
    with studio(request.param, tmp_path) as made:
        yield made


@pytest.mark.parametrize("shape", SHAPE_SIZES)
def test_the_picture_has_the_videos_exact_shape(atelier: Studio, shape: Shape) -> None:
    width, height = SHAPE_SIZES[shape]

    made = atelier.make(replace(SHOT, width=width, height=height))

    with Image.open(atelier.kept(made)) as image:
        assert (image.format, image.mode, image.size, image.info) == ("PNG", "RGB", (width, height), {})
    (call,) = atelier.server.calls
    asked = (
        call.json["generationConfig"]["imageConfig"]["aspectRatio"] if atelier.vendor == "gemini" else call.json["size"]
    )
    assert asked == ASKED_SHAPES[atelier.vendor][shape]
    assert (made.provider, made.width, made.height) == (atelier.vendor, width, height)


def test_everything_the_shot_says_is_asked_in_words(atelier: Studio) -> None:
    made = atelier.make()

    (call,) = atelier.server.calls
    sent = call.json["contents"][0]["parts"][0]["text"] if atelier.vendor == "gemini" else call.json["prompt"]
    assert made.prompt == sent
    assert sent == (
        "A bloody battle at dawn. Style: oil on canvas. Mood: grave. No text in the picture. "
        "Main colours: #112233, #445566. Put what matters right of the middle, away from the edges. "
        "Do not show: text, watermark."
    )


def test_the_request_is_as_the_vendor_describes_it(atelier: Studio) -> None:
    atelier.make()

    (call,) = atelier.server.paid
    found = violations_of(call) if atelier.vendor == "gemini" else violations("openai", [call], base="/v1")
    assert found == []
    if atelier.vendor == "openai":
        assert (call.json["quality"], call.json["n"], call.json["model"]) == ("medium", 1, "gpt-image-1-mini")


def test_a_reference_picture_goes_along(atelier: Studio) -> None:
    content = picture(200, 300, seed=7)

    made = atelier.make(with_reference(atelier.context, content))

    (call,) = atelier.server.paid
    assert "shows the main character" in made.prompt
    if atelier.vendor == "gemini":
        first, second = call.json["contents"][0]["parts"]
        assert (first["inlineData"]["mime_type"], list(second)) == ("image/png", ["text"])
        assert first["inlineData"]["data"].replace("-", "+").replace("_", "/") == encoded(content)
        assert violations_of(call) == []
        return
    form = form_of(call)
    (sent,) = form.files["image"]
    assert (call.path, sent.filename, sent.content_type) == ("/v1/images/edits", "reference.png", "image/png")
    assert sent.content == content
    assert form_violations("openai", call, base="/v1") == []


@pytest.mark.parametrize(
    ("vendor", "tokens", "cost"), [("gemini", 90 + 1_290, 38_727), ("openai", 120 + 1_568, 12_844)]
)
def test_what_a_picture_costs_is_counted_by_its_tokens(vendor: str, tokens: int, cost: int, tmp_path: Path) -> None:
    with studio(vendor, tmp_path) as made:
        usage = made.painter.paint(PaintRequest(SHOT)).usage

    assert (usage.units, usage.cost_micro_usd) == (tokens, cost)


def test_a_picture_whose_tokens_are_not_told_still_costs(atelier: Studio) -> None:
    (told,) = atelier.server.calls or [atelier.painter.paint(PaintRequest(SHOT))]
    body = {"created": 1, "data": [{"b64_json": encoded(picture(64, 64))}]}
    if atelier.vendor == "gemini":
        part = {"inlineData": {"mimeType": "image/png", "data": encoded(picture(64, 64))}}
        body = {"candidates": [{"content": {"role": "model", "parts": [part]}}]}
    atelier.server.fail(answer(as_json(body).body))

    untold = atelier.painter.paint(PaintRequest(SHOT)).usage

    assert untold.cost_micro_usd == pytest.approx(told.usage.cost_micro_usd, rel=0.03)


def test_the_identity_names_the_model() -> None:
    from tests.providers.painting import painter_at

    assert painter_at("gemini", "http://127.0.0.1:9").identity == "gemini gemini-2.5-flash-image, pictures 1"
    assert painter_at("openai", "http://127.0.0.1:9").identity == "openai gpt-image-1-mini, pictures 1"


@pytest.mark.parametrize(
    ("x", "words"), [(0.36, "left of the middle"), (0.5, "near the middle"), (0.64, "right of the middle")]
)
def test_the_subjects_place_is_said(x: float, words: str) -> None:
    assert f"Put what matters {words}," in described(PaintRequest(replace(SHOT, focus=Focus(x, 0.5))))


@pytest.mark.parametrize(
    ("size", "shape"), [((320, 180), "16:9"), ((180, 320), "9:16"), ((500, 500), "1:1"), ((1200, 1000), "1:1")]
)
def test_any_size_has_a_nearest_shape(size: tuple[int, int], shape: Shape) -> None:
    assert nearest_shape(*size) == shape
