"""How a scene's move is chosen."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.pipeline.contracts import FPS, Focus, View
from apps.pipeline.timeline.moves import MAX_PAN, MAX_ZOOM, Subject, choose_motion

SUBJECT = Subject("scene", 0, 180, Focus(0.5, 0.5), (1920, 1080), (1920, 1080))
shares = st.floats(0, 1)
sizes = st.tuples(st.integers(400, 4000), st.integers(400, 4000))
subjects = st.builds(
    Subject,
    scene_id=st.text(min_size=1, max_size=8),
    number=st.integers(0, 200),
    frames=st.integers(1, 2000),
    focus=st.builds(Focus, shares, shares),
    still=sizes,
    output=st.sampled_from([(1920, 1080), (1080, 1920), (1080, 1080)]),
)


def edges(view: View, subject: Subject) -> tuple[float, float, float, float]:
    still, output = subject.still[0] / subject.still[1], subject.output[0] / subject.output[1]
    half_x, half_y = min(1, output / still) / view.zoom / 2, min(1, still / output) / view.zoom / 2
    return view.x - half_x, view.x + half_x, view.y - half_y, view.y + half_y


@given(subjects, st.integers(0, 2**32))
def test_any_scene_keeps_both_views_inside_its_still(subject: Subject, seed: int) -> None:
    motion = choose_motion(subject, seed)

    for view in (motion.start, motion.end):
        left, right, top, bottom = edges(view, subject)
        assert min(left, top) >= -1e-5
        assert max(right, bottom) <= 1 + 1e-5
        assert 1.0 <= view.zoom <= MAX_ZOOM


@given(subjects, st.integers(0, 2**32))
def test_any_scene_really_moves_but_never_rushes(subject: Subject, seed: int) -> None:
    motion = choose_motion(replace(subject, focus=Focus()), seed)

    zoomed = abs(motion.end.zoom - motion.start.zoom)
    travelled = max(abs(motion.end.x - motion.start.x), abs(motion.end.y - motion.start.y))
    assert zoomed >= 0.019 or travelled >= 0.011
    assert zoomed <= max(0.0201, 0.021 * subject.frames / FPS)
    assert travelled <= MAX_PAN + 1e-5


@pytest.mark.parametrize("seed", range(8))
def test_neighbouring_scenes_never_move_alike(seed: int) -> None:
    kinds = [choose_motion(replace(SUBJECT, scene_id=f"s{n}", number=n), seed).kind for n in range(40)]

    assert all(left != right for left, right in pairwise(kinds))


def test_a_long_film_uses_every_kind_of_move() -> None:
    kinds = {choose_motion(replace(SUBJECT, scene_id=f"s{n}", number=n), 1).kind for n in range(80)}

    assert kinds == {
        "zoom_in",
        "zoom_out",
        "zoom_to_focus",
        "zoom_out_drift",
        "pan_left",
        "pan_right",
        "pan_up",
        "pan_down",
        "diagonal_fall",
        "diagonal_rise",
    }


def test_zoom_to_focus_ends_nearer_to_the_focus() -> None:
    motions = [
        choose_motion(replace(SUBJECT, scene_id=f"s{n}", frames=300, focus=Focus(0.8, 0.3)), 1) for n in range(40)
    ]
    ends = {motion.end.x for motion in motions if motion.kind == "zoom_to_focus"}

    assert ends
    assert all(end > 0.55 for end in ends)
