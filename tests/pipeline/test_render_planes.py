import numpy as np
import pytest
from PIL import Image

from apps.pipeline.contracts import Motion, View
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.planes import load_still

HOLD = Motion("hold", View(1.0, 0.5, 0.5), View(1.0, 0.5, 0.5))


def saved(tmp_path, colour, size=(64, 36), mode="RGB"):
    path = tmp_path / "still.png"
    Image.new(mode, size, colour).save(path)
    return path


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_still_becomes_limited_range_bt709(tmp_path, colour, expected):
    loaded = load_still(saved(tmp_path, colour), HOLD, 64, 36)

    assert tuple(int(plane[5, 5]) for plane in loaded.planes) == expected
    assert [plane.shape for plane in loaded.planes] == [(36, 64), (18, 32), (18, 32)]


@pytest.mark.parametrize(
    ("zoom", "size", "expected"),
    [(1.0, (256, 144), (64, 36)), (2.0, (256, 144), (128, 72)), (1.0, (64, 36), (64, 36)), (1.0, (256, 36), (256, 36))],
    ids=["reduced", "reduced less for a closer view", "as it is", "only what the view shows counts"],
)
def test_still_with_more_detail_than_can_be_shown_is_reduced(tmp_path, zoom, size, expected):
    motion = Motion("hold", View(zoom, 0.5, 0.5), View(zoom, 0.5, 0.5))

    loaded = load_still(saved(tmp_path, (9, 9, 9), size), motion, 64, 36)

    assert loaded.planes[0].shape == expected[::-1]


def test_still_of_another_shape_keeps_its_proportions(tmp_path):
    loaded = load_still(saved(tmp_path, (9, 9, 9), (100, 100)), HOLD, 160, 90)

    assert loaded.aspect == pytest.approx(16 / 9)


def test_transparent_still_is_read_as_its_colours(tmp_path):
    loaded = load_still(saved(tmp_path, (255, 255, 255, 10), mode="RGBA"), HOLD, 64, 36)

    assert set(np.unique(loaded.planes[0])) == {235}


def test_file_that_is_no_picture_is_refused_in_words(tmp_path):
    path = tmp_path / "still.png"
    path.write_bytes(b"not a picture")

    with pytest.raises(Rejected) as refusal:
        load_still(path, HOLD, 64, 36)

    assert refusal.value.code == "bad_picture"
