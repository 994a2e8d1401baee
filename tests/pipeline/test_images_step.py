"""The pictures step: what painters send is checked, brought to shape and stored; refusals end in a sentence."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from apps.pipeline.contracts import Blob, Focus, ImageSet, Picture, Shot, VisualPlan
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.painter.base import Painting, PaintRequest
from apps.pipeline.providers.painter.illustrator import Illustrator
from apps.pipeline.providers.painter.intake import checked_pixels, is_blank, reframed
from apps.pipeline.providers.usage import Usage
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.images import ImagesRequest, ImagesStep, soften
from canvascast import pictures
from tests.pipeline.folder_store import JOB, FolderStore

SHOT = Shot("scene_003", "a bloody battle at dawn", "", "", (), "history", Focus(0.8, 0.5), 1, 320, 180, "A battle")

HANGS = "sleep 60"


@dataclass
class StubPainter:
    """Answers each call with the next of `answers`: bytes, or an error to raise."""

    answers: list[bytes | Exception]
    shots: list[Shot] = field(default_factory=list)
    requests: list[PaintRequest] = field(default_factory=list)
    name: str = "stub"
    identity: str = "stub-1"
    is_remote: bool = True
    uses_reference: bool = True

    def paint(self, request: PaintRequest) -> Painting:
        shot = request.shot
        self.requests.append(request)
        self.shots.append(shot)
        answer = self.answers[len(self.shots) - 1]
        if isinstance(answer, Exception):
            raise answer
        return Painting(answer, Focus(0.8, 0.5), shot.prompt, Usage("stub"))


@dataclass
class StubContext:
    store: FolderStore
    provider: StubPainter
    scratch: Path
    job: object = JOB

    def progress(self, share: float, message: str = "") -> None: ...

    def recall(self, unit, request, kind):
        return None

    def keep(self, unit, request, result) -> None: ...


def make(tmp_path: Path, *answers: bytes | Exception, shot: Shot = SHOT) -> tuple[Picture, Image.Image, StubPainter]:
    painter = StubPainter(list(answers))
    context = StubContext(FolderStore(tmp_path), painter, tmp_path)
    picture = ImagesStep().make_part(shot, context)
    assert isinstance(picture, Picture)
    return picture, Image.open(context.store.fetch(picture.image)), painter


def gradient(width: int, height: int, kind: str = "PNG", **options) -> bytes:
    ramp = np.zeros((height, width, 3), np.uint8)
    ramp[..., 0] = np.linspace(0, 255, width).astype(np.uint8)
    ramp[..., 1] = np.linspace(0, 255, height).astype(np.uint8)[:, None]
    stream = io.BytesIO()
    Image.fromarray(ramp).save(stream, kind, **options)
    return stream.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 4096)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.goal("S4")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gradient(320, 180)[:-400], "picture_unreadable"),
        (png_claiming(60_000, 60_000), "picture_too_large"),
        (png_claiming(8_000, 7_000), "picture_too_large"),
        (b"<html><body>busy</body></html>", "picture_unreadable"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>', "picture_unreadable"),
        (gradient(320, 180, "GIF"), "picture_unreadable"),
        (gradient(320, 180, "TIFF"), "picture_unreadable"),
        (b"", "picture_unreadable"),
        (b"\x89PNG" + b"\0" * (33 * 1024 * 1024), "picture_too_large"),
    ],
    ids=["truncated", "bomb", "too-many-pixels", "html", "svg", "gif", "tiff", "empty", "too-many-bytes"],
)
def test_a_picture_that_cannot_be_trusted_is_asked_for_again(content, code):
    with pytest.raises(Transient) as caught:
        checked_pixels(content)

    assert caught.value.code == code


@pytest.mark.goal("S4")
@pytest.mark.parametrize("program", [HANGS, "kill -SEGV $$"], ids=["hangs", "crashes"])
def test_a_picture_that_stops_its_decoder_is_asked_for_again(monkeypatch, program):
    monkeypatch.setattr(pictures, "_PROGRAM", ("/bin/sh", "-c", program))
    if program == HANGS:
        monkeypatch.setattr(pictures, "_DEADLINE_SECONDS", 0.1)

    with pytest.raises(Transient) as caught:
        checked_pixels(gradient(320, 180))

    assert caught.value.code == "picture_unreadable"


def test_the_illustrators_own_picture_starts_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "_PROGRAM", ("/bin/false",))
    context = StubContext(FolderStore(tmp_path), Illustrator(), tmp_path)

    made = ImagesStep().make_part(SHOT, context)

    assert (made.provider, made.width, made.height) == ("illustrator", 320, 180)


def test_a_picture_of_one_colour_is_asked_for_again(tmp_path):
    stream = io.BytesIO()
    noise = np.random.default_rng(1).integers(40, 46, (180, 320, 3), np.uint8)
    Image.fromarray(noise).save(stream, "PNG")

    with pytest.raises(Transient) as caught:
        make(tmp_path, stream.getvalue())

    assert caught.value.code == "blank_picture"


def test_a_dim_but_drawn_picture_is_not_blank():
    pixels = np.full((180, 320, 3), 30, np.uint8)
    pixels[60:120, 100:220] = 50

    assert is_blank(pixels) is False


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_each_accepted_format_is_stored_as_a_bare_png(tmp_path, kind):
    picture, image, _ = make(tmp_path, gradient(320, 180, kind))

    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (320, 180))
    assert (picture.width, picture.height, picture.image.suffix, picture.provider) == (320, 180, ".png", "stub")


@pytest.mark.usefixtures("decoding_here")
def test_metadata_of_the_original_is_left_behind(tmp_path):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("prompt", "secret words")

    _, image, _ = make(tmp_path, gradient(320, 180, pnginfo=notes))

    assert image.info == {}


@pytest.mark.usefixtures("decoding_here")
def test_transparency_is_laid_on_white():
    stream = io.BytesIO()
    pixels = np.zeros((180, 320, 4), np.uint8)
    pixels[:, 160:] = (200, 0, 0, 255)
    Image.fromarray(pixels).save(stream, "PNG")

    checked = checked_pixels(stream.getvalue())

    assert checked[5, 5].tolist() == [255, 255, 255]
    assert checked[5, 300].tolist() == [200, 0, 0]


@pytest.mark.usefixtures("decoding_here")
@pytest.mark.parametrize("size", [(1024, 1024), (100, 100), (640, 180), (180, 640), (1792, 1024)])
def test_another_size_is_cut_to_the_exact_shape(tmp_path, size):
    picture, image, _ = make(tmp_path, gradient(*size))

    assert image.size == (320, 180)
    assert 0 <= picture.focus.x <= 1
    assert 0 <= picture.focus.y <= 1


def test_a_wide_picture_is_cut_around_its_focus_without_squeezing():
    pixels = np.zeros((100, 400, 3), np.uint8)
    pixels[40:60, 310:330] = 255

    cut, focus = reframed(pixels, 200, 200, Focus(0.8, 0.5))

    rows, columns = np.nonzero(cut[..., 0] > 128)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (80, 119, 80, 119)
    assert (focus.x, focus.y) == pytest.approx((0.5, 0.5))


@pytest.mark.usefixtures("decoding_here")
def test_a_refused_prompt_is_softened_once(tmp_path):
    refusal = Rejected("picture_refused", "The service would not draw this.")

    picture, _, painter = make(tmp_path, refusal, gradient(320, 180))

    assert [shot.prompt for shot in painter.shots] == [SHOT.prompt, soften(SHOT.prompt)]
    assert picture.prompt == soften(SHOT.prompt)


def test_a_prompt_refused_twice_fails_with_what_the_service_said(tmp_path):
    refusal = Rejected("picture_refused", "The service would not draw this.")

    with pytest.raises(Rejected) as caught:
        make(tmp_path, refusal, refusal)

    assert caught.value.code == "picture_refused"
    assert caught.value.sentence == (
        "The picture service refused the description: The service would not draw this. "
        "Describe this picture otherwise; what is finished is not made twice."
    )


def test_another_rejection_is_not_tried_again(tmp_path):
    painter = StubPainter([Rejected("no_credit", "The account is empty.")])

    with pytest.raises(Rejected) as caught:
        ImagesStep().make_part(SHOT, StubContext(FolderStore(tmp_path), painter, tmp_path))

    assert (caught.value.code, len(painter.shots)) == ("no_credit", 1)


@pytest.mark.parametrize(
    ("prompt", "softened"),
    [
        ("a bloody battle at dawn", "a battle at dawn, symbolic and peaceful, suitable for all ages"),
        ("Murder, gore", "a quiet landscape, symbolic and peaceful, suitable for all ages"),
        ("the victim's house", "the house, symbolic and peaceful, suitable for all ages"),
    ],
)
def test_softening_drops_harsh_words(prompt, softened):
    assert soften(prompt) == softened


def test_the_set_has_one_picture_per_scene_in_scene_order():
    shots = tuple(replace(SHOT, scene_id=f"scene_{number:03}") for number in (1, 2, 3))
    pictures = {
        shot.scene_id: Picture(shot.scene_id, Blob("0", 1, ".png"), 320, 180, Focus(), "", "", "stub")
        for shot in reversed(shots)
    }
    inputs = Inputs({}, {"visual_plan": VisualPlan("", (), shots)}, pictures)
    step = ImagesStep()

    request = step.request(inputs)

    assert step.parts(inputs) == {shot.scene_id: shot for shot in shots}
    assert step.make(request, None) == ImageSet(tuple(pictures[shot.scene_id] for shot in shots))
    assert isinstance(request, ImagesRequest)
