"""A frame with a caption on it, as the film would show it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from apps.pipeline.contracts import CAPTION_STYLES, Token
from apps.pipeline.render.caption_frame import FrameRequest, caption_frame

WORDS = tuple(Token(word, "") for word in ["Why", "do", "cats", "purr", "at", "night?"])
GREY = 120


@pytest.fixture
def still(tmp_path):
    path = tmp_path / "still.png"
    cv2.imwrite(str(path), np.full((540, 960, 3), GREY, np.uint8))
    return path


def frame(still, **changed) -> np.ndarray:
    asked = {
        "tokens": WORDS,
        "language": "en",
        "style": "boxed",
        "position": "bottom",
        "shape": "16:9",
        "niche": "facts",
    }
    picture = cv2.imdecode(np.frombuffer(caption_frame(FrameRequest(**{**asked, **changed}), still), np.uint8), 1)
    return picture.astype(int)


def written_rows(picture: np.ndarray) -> tuple[float, float]:
    """Return the first and the last row that the caption changed, as shares of the height."""
    rows = np.flatnonzero((abs(picture - GREY) > 40).any(axis=(1, 2)))
    return rows[0] / len(picture), rows[-1] / len(picture)


@pytest.mark.parametrize(("shape", "size"), [("16:9", (270, 480)), ("9:16", (480, 270)), ("1:1", (360, 360))])
def test_frame_has_the_film_s_shape(still, shape, size):
    assert frame(still, shape=shape).shape[:2] == size


@pytest.mark.parametrize(
    ("position", "between"), [("top", (0.05, 0.2)), ("middle", (0.4, 0.6)), ("bottom", (0.75, 0.93))]
)
def test_caption_stands_where_it_would_in_the_film(still, position, between):
    first, last = written_rows(frame(still, position=position))

    assert between[0] <= first < last <= between[1]


def test_no_two_styles_look_alike(still):
    pictures = [frame(still, style=style) for style in CAPTION_STYLES]

    differences = [abs(one - other).max() for one in pictures for other in pictures if one is not other]
    assert min(differences) > 100


@pytest.mark.parametrize(("niche", "is_yellow"), [("facts", True), ("science", False)])
def test_spoken_word_has_the_colour_of_the_look(still, niche, is_yellow):
    blue, _green, red = np.moveaxis(frame(still, style="karaoke", niche=niche), 2, 0)

    assert bool(((red - blue) > 120).any()) is is_yellow
    assert bool(((blue - red) > 60).any()) is not is_yellow


def test_markup_shows_as_its_own_characters(still):
    plain = frame(still, tokens=(Token("{\\b1}cats", ""),))

    assert written_rows(plain)[0] > 0.75


def test_text_without_drawable_words_leaves_the_frame_bare(still):
    assert abs(frame(still, tokens=(Token("\u200b", ""),)) - GREY).max() < 12
