"""Pictures of strangers: the same pixels as Pillow gives in one process, or a refusal; nothing else happens here."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageOps

from canvascast import children, decoder, pictures
from canvascast.children import MIB
from canvascast.pictures import TooLarge, TooSlow, Unreadable, Unusable, decoded
from tests.pipeline.test_images_step import gradient, png_claiming

SIZE = (40, 30)
COLOURS = Image.fromarray(np.random.default_rng(1).integers(0, 255, (30, 40, 4), np.uint8), "RGBA")


def written(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def turned(orientation: int, kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return written(COLOURS.convert("RGB"), kind, exif=exif)


def read_here(content: bytes, mode: str) -> bytes:
    """The pixels as Pillow gives them when it holds the whole picture, in RGB on white."""
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    if mode == "RGB" and picture.has_transparency_data:
        layered = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    return picture.convert(mode).tobytes()


KINDS = {
    "rgb": written(COLOURS.convert("RGB")),
    "rgba": written(COLOURS),
    "grey": written(COLOURS.convert("L")),
    "grey with alpha": written(COLOURS.convert("LA")),
    "black and white": written(COLOURS.convert("1")),
    "16 bits": written(Image.fromarray(np.arange(1200, dtype=np.uint16).reshape(30, 40) * 50)),
    "palette": written(COLOURS.convert("RGB").quantize(200)),
    "palette, one transparent": written(COLOURS.convert("RGB").quantize(200), transparency=3),
    "palette, some half so": written(COLOURS.convert("RGB").quantize(200), transparency=bytes(range(200))),
    "one colour transparent": written(COLOURS.convert("RGB"), transparency=COLOURS.convert("RGB").getpixel((3, 3))),
    "one grey transparent": written(COLOURS.convert("L"), transparency=COLOURS.convert("L").getpixel((3, 3))),
    "jpeg": written(COLOURS.convert("RGB"), "JPEG"),
    "jpeg for print": written(COLOURS.convert("CMYK"), "JPEG"),
    "webp": written(COLOURS, "WEBP"),
    "webp, lossless": written(COLOURS, "WEBP", lossless=True, exact=True),
    "moving webp": written(COLOURS, "WEBP", save_all=True, append_images=[COLOURS.rotate(180)]),
    "moving png": written(COLOURS, save_all=True, append_images=[COLOURS.rotate(180)]),
    **{f"turned jpeg {number}": turned(number, "JPEG") for number in range(1, 9)},
    "turned png": turned(6, "PNG"),
    "turned webp": turned(8, "WEBP"),
}


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_rows_are_those_of_the_whole_picture(content: bytes, mode: str):
    picture = decoder.upright(content)

    assert b"".join(decoder.bands(picture, mode, band_pixels=300)) == read_here(content, mode)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_child_hands_over_pixels(mode: str):
    content = written(COLOURS)

    found = decoded(content, most_pixels=1_200, mode=mode)

    assert (found.width, found.height, bytes(found.content)) == (*SIZE, read_here(content, mode))


def test_a_picture_of_more_pixels_is_refused_by_its_header():
    with pytest.raises(TooLarge):
        decoded(written(COLOURS), most_pixels=1_199)


@pytest.mark.goal("S4")
def test_the_decoder_gets_less_than_five_seconds_and_500_mb():
    assert pictures._DEADLINE_SECONDS < 5
    assert pictures._MEMORY_BYTES <= 500_000_000


def webp_claiming(width: int, height: int) -> bytes:
    head = struct.pack("<4sI4x", b"VP8X", 10) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return struct.pack("<4sI4s", b"RIFF", len(head) + 4, b"WEBP") + head


def jpeg_claiming(width: int, height: int) -> bytes:
    frame = struct.pack(">2sHBHHB", b"\xff\xc0", 17, 8, height, width, 3) + b"\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return b"\xff\xd8" + frame + bytes(300)


@pytest.mark.goal("S4")
@pytest.mark.parametrize(
    "content",
    [webp_claiming(16_384, 16_384), webp_claiming(7_000, 8_000), jpeg_claiming(65_500, 65_500)],
    ids=["webp", "webp-below-pillows-own-limit", "jpeg"],
)
def test_what_claims_too_many_pixels_gets_no_memory(content: bytes):
    """A WebP's canvas is taken when it is opened."""
    with pytest.raises(TooLarge):
        decoded(content, most_pixels=48_000_000)


@pytest.mark.goal("S4")
def test_a_picture_that_takes_more_memory_than_there_is_is_refused(monkeypatch):
    """Its pixels are few enough, and 60 MB."""
    content = png_claiming(5_000, 3_000)
    with pytest.raises(Unreadable):
        decoded(content, most_pixels=20_000_000)

    monkeypatch.setattr(pictures, "_MEMORY_BYTES", 64 * MIB)
    with pytest.raises(TooLarge):
        decoded(content, most_pixels=20_000_000)


WITHOUT_END = ("sleep 60 & wait", "exec cat /dev/zero >&2")


@pytest.fixture
def taken_over(monkeypatch):
    """Return a function that puts a shell script in the decoder's place; one without an end gets 0.1 s."""

    def become(script: str) -> None:
        monkeypatch.setattr(pictures, "_PROGRAM", ("/bin/sh", "-c", script))
        if script in WITHOUT_END:
            monkeypatch.setattr(pictures, "_DEADLINE_SECONDS", 0.1)

    return become


@pytest.mark.goal("S4")
@pytest.mark.parametrize(
    ("script", "refusal"),
    [
        ("kill -SEGV $$", Unreadable),
        ("kill -ABRT $$", Unreadable),
        ("kill -KILL $$", TooSlow),
        (WITHOUT_END[0], TooSlow),
        (WITHOUT_END[1], TooSlow),
        ("exec cat /dev/zero", Unreadable),
        ("", Unreadable),
        ("echo picture", Unreadable),
        ("echo 1 1 && printf ab", Unreadable),
        ("echo 1 1 && printf abcd", Unreadable),
        ("echo -1 -1 && printf abc", Unreadable),
        ("echo 0 0", Unreadable),
        ("echo 101 1 && printf %0303d 0", Unreadable),
    ],
    ids=[
        *("crash", "abort", "killed", "hang", "chatter", "flood", "nothing", "words"),
        *("too-few", "too-many", "below-zero", "no-pixels", "more-than-asked"),
    ],
)
def test_a_decoder_that_was_taken_over_hurts_nobody(taken_over, script: str, refusal: type[Unusable]):
    taken_over(script)

    with pytest.raises(Unusable) as caught:
        decoded(bytes(1_000_000), most_pixels=100)

    assert type(caught.value) is refusal
    assert not children._children


def test_a_decoder_that_cannot_start_is_not_the_pictures_fault(taken_over):
    taken_over("exit 1")

    with pytest.raises(children.Failed) as caught:
        decoded(gradient(40, 30), most_pixels=1_200)

    assert caught.value.exit_code == 1
