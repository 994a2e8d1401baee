from dataclasses import replace

import pytest

from apps.pipeline.codec import digest, from_json, to_json
from apps.pipeline.contracts import CaptionBlock, CaptionWord, Motion, Overlay, View
from apps.pipeline.render.plan import SegmentRequest, segment_requests
from tests.pipeline.small_film import SmallFilm, with_segment


@pytest.fixture
def film(tmp_path):
    return SmallFilm(tmp_path)


def keys(timeline):
    return [digest(request) for request in segment_requests(timeline)]


def changed(before, after):
    return [number for number, (old, new) in enumerate(zip(keys(before), keys(after), strict=True)) if old != new]


def test_new_picture_touches_its_own_segment_and_the_fade_after_it(film):
    timeline = film.timeline([20] * 6)

    assert changed(timeline, with_segment(timeline, 2, image=film.still(99))) == [2, 3]


def test_new_picture_before_a_cut_touches_its_own_segment_alone(film):
    timeline = film.timeline([20] * 6, fade=0)

    assert changed(timeline, with_segment(timeline, 2, image=film.still(99))) == [2]


def test_new_words_of_equal_length_touch_their_own_segment_alone(film):
    timeline = film.timeline([20] * 6)
    blocks = list(timeline.captions.blocks)
    blocks[2] = replace(blocks[2], words=(CaptionWord("other", 40, 60),))

    assert changed(timeline, replace(timeline, captions=replace(timeline.captions, blocks=tuple(blocks)))) == [2]


def test_longer_scene_moves_the_others_without_touching_them(film):
    assert changed(film.timeline([20] * 6), film.timeline([20, 20, 35, 20, 20, 20])) == [2, 3]


def test_names_of_scenes_and_files_stay_out_of_the_key(film):
    timeline = film.timeline([20] * 3)
    renamed = with_segment(timeline, 1, scene_id="other", alt="other")
    renamed = with_segment(renamed, 1, image=replace(renamed.segments[1].image, path="images/other.png"))

    assert changed(timeline, renamed) == []


def test_times_count_from_the_start_of_the_segment(film):
    timeline = with_segment(film.timeline([20] * 3), 2, overlay=Overlay("Title", 42, 999))

    request = segment_requests(timeline)[2]

    assert request.captions.blocks == (CaptionBlock(0, 20, (CaptionWord("word2", 0, 20),)),)
    assert request.overlay == Overlay("Title", 2, 20)


def test_still_is_visible_until_the_next_fade_ends(film):
    requests = segment_requests(film.timeline([20, 30, 40], fade=5))

    assert [request.still.visible_frames for request in requests] == [25, 35, 40]
    assert requests[0].previous is None
    assert requests[1].previous == requests[0].still


def test_fade_of_the_first_segment_has_nothing_to_fade_from(film):
    timeline = film.timeline([20, 20], fade=5)
    first = with_segment(timeline, 0, transition=timeline.segments[1].transition)

    assert segment_requests(first)[0] == segment_requests(timeline)[0]


def test_request_survives_the_way_through_json(film):
    request = segment_requests(film.timeline([20, 20]))[1]

    assert from_json(to_json(request), SegmentRequest) == request


def test_motion_is_part_of_the_key(film):
    timeline = film.timeline([20] * 3)
    still = View(1.1, 0.5, 0.5)

    assert changed(timeline, with_segment(timeline, 1, motion=Motion("hold", still, still))) == [1, 2]
