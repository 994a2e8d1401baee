import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.pipeline.contracts import Motion, View
from apps.pipeline.render.canvas import Canvas, grids
from apps.pipeline.render.motion import Box, box_at, widest

CENTRE = View(1.0, 0.5, 0.5)


def still(view):
    return Motion("hold", view, view)


@pytest.mark.parametrize(
    ("view", "aspect", "expected"),
    [
        (CENTRE, 1.0, Box(0.0, 0.0, 1.0, 1.0)),
        (View(2.0, 0.5, 0.5), 1.0, Box(0.25, 0.25, 0.5, 0.5)),
        (CENTRE, 0.5, Box(0.25, 0.0, 0.5, 1.0)),
        (CENTRE, 2.0, Box(0.0, 0.25, 1.0, 0.5)),
        (View(1.0, 0.3, 0.5), 0.5, Box(0.05, 0.0, 0.5, 1.0)),
        (View(1.0, 0.9, 0.1), 0.5, Box(0.5, 0.0, 0.5, 1.0)),
        (View(0.5, 0.5, 0.5), 1.0, Box(0.0, 0.0, 1.0, 1.0)),
    ],
    ids=["all", "zoomed", "tall from wide", "wide from tall", "focus", "focus at the edge", "never smaller"],
)
def test_view_shows_the_largest_box_of_the_shape_around_its_centre(view, aspect, expected):
    box = box_at(still(view), 0, 1, aspect)

    assert (box.left, box.top, box.width, box.height) == pytest.approx(
        (expected.left, expected.top, expected.width, expected.height)
    )


def test_move_reaches_both_views_and_is_even_between():
    motion = Motion("pan", View(1.25, 0.4, 0.5), View(1.25, 0.6, 0.5))

    lefts = [box_at(motion, frame, 5, 1.0).left for frame in range(5)]

    assert lefts == pytest.approx([0.0, 0.05, 0.1, 0.15, 0.2])


@given(
    start=st.builds(View, st.floats(0.5, 3), st.floats(-1, 2), st.floats(-1, 2)),
    end=st.builds(View, st.floats(0.5, 3), st.floats(-1, 2), st.floats(-1, 2)),
    aspect=st.floats(0.3, 3),
    frame=st.integers(0, 99),
)
def test_any_move_stays_inside_the_still(start, end, aspect, frame):
    motion = Motion("any", start, end)

    box = box_at(motion, frame, 100, aspect)

    assert box.left >= -1e-9
    assert box.top >= -1e-9
    assert box.left + box.width <= 1 + 1e-9
    assert box.top + box.height <= 1 + 1e-9
    assert box.width <= widest(motion, aspect).width + 1e-9


def test_chroma_samples_lie_half_a_luma_sample_left_of_the_middle():
    canvas = Canvas(8, 4, ())

    luma, chroma, _ = grids(Box(0, 0, 1, 1), canvas, [(8, 4), (4, 2), (4, 2)])

    assert (luma.left, luma.step_x, luma.top, luma.step_y) == (0.0, 1.0, 0.0, 1.0)
    assert (chroma.left, chroma.step_x, chroma.top, chroma.step_y) == (-0.25, 1.0, 0.0, 1.0)
