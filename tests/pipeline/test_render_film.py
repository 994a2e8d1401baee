from dataclasses import replace
from itertools import pairwise

import av
import numpy as np
import pytest

from apps.pipeline.contracts import CaptionTrack, Motion, Overlay, View
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.audio import mix_audio
from apps.pipeline.render.encoder import FAST, EncoderProfile
from apps.pipeline.render.film import render_timeline
from apps.pipeline.render.inspect import inspect_film
from apps.pipeline.render.join import SegmentMismatch, join_film
from apps.pipeline.render.kernels import load_kernel
from apps.pipeline.render.plan import segment_requests
from apps.pipeline.render.segment import SegmentJob, render_segments
from tests.pipeline.small_film import SmallFilm, decoded, with_segment, write_tones

LOSSLESS = EncoderProfile("ultrafast", 0, 2, "scenecut=0")


@pytest.fixture
def film(tmp_path):
    (tmp_path / "stills").mkdir()
    return SmallFilm(tmp_path / "stills")


def no_captions(timeline):
    return replace(timeline, captions=CaptionTrack("plain", "bottom", "en", ()))


def hold(timeline, number):
    view = View(1.0, 0.5, 0.5)
    return with_segment(timeline, number, motion=Motion("hold", view, view))


def render(film, timeline, out, **options):
    render_timeline(timeline, film.resolve, out, **options)
    return out


@pytest.mark.parametrize("frames", [[30], [1, 1, 1], [2, 1, 40, 3], [5] * 12], ids=str)
def test_film_has_exactly_the_frames_of_its_timeline(film, tmp_path, frames):
    out = render(film, film.timeline(frames, fade=1), tmp_path / "film.mp4")

    assert len(decoded(out)) == sum(frames)
    with av.open(str(out)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
        assert sorted(round(packet.pts * packet.time_base * 30) for packet in packets) == list(range(sum(frames)))
        assert all(one.dts < other.dts for one, other in pairwise(packets))
        assert all(packet.dts <= packet.pts for packet in packets)


def test_same_timeline_and_files_give_the_same_bytes(film, tmp_path):
    timeline = film.timeline([12, 9, 14])

    first, second = (render(film, timeline, tmp_path / name).read_bytes() for name in ("a.mp4", "b.mp4"))

    assert first == second


def test_film_is_tagged_bt709_limited_range(film, tmp_path):
    out = render(film, film.timeline([4]), tmp_path / "film.mp4")

    with av.open(str(out)) as container:
        context = container.streams.video[0].codec_context
        tags = (context.pix_fmt, context.color_range, context.colorspace, context.color_primaries, context.color_trc)
    assert tags == ("yuv420p", 1, 1, 1, 1)


def test_both_kernels_make_the_same_film_within_a_level_per_still(film, tmp_path):
    try:
        load_kernel("c")
    except FileNotFoundError:
        pytest.skip("the compiled kernel was not built")
    timeline = film.timeline([10, 10])

    numba, compiled = (
        decoded(render(film, timeline, tmp_path / f"{kernel}.mp4", kernel=kernel, encoder=LOSSLESS))
        for kernel in ("numba", "c")
    )

    assert max(np.abs(one - other).max() for one, other in zip(numba, compiled, strict=True)) <= 2


def test_fade_runs_from_one_still_to_the_next(film, tmp_path):
    timeline = hold(hold(no_captions(film.timeline([10, 20], fade=9)), 0), 1)
    frames = decoded(render(film, timeline, tmp_path / "film.mp4", encoder=LOSSLESS))
    old, new = frames[9], frames[25]

    shares = [float(((frame - old) * (new - old)).sum() / ((new - old) ** 2).sum()) for frame in frames[10:19]]

    assert shares == pytest.approx([number / 10 for number in range(1, 10)], abs=0.005)


def test_still_moves_on_through_the_fade_after_it(film, tmp_path):
    alone = no_captions(film.timeline([19], fade=0))
    faded = no_captions(film.timeline([10, 20], fade=9))

    apart = decoded(render(film, alone, tmp_path / "alone.mp4", encoder=LOSSLESS))
    together = decoded(render(film, faded, tmp_path / "faded.mp4", encoder=LOSSLESS))

    assert all((one == other).all() for one, other in zip(apart[:10], together[:10], strict=True))
    assert np.abs(apart[10] - together[10]).mean() < np.abs(apart[9] - together[10]).mean()


def test_tall_film_of_wide_stills_fills_the_frame(film, tmp_path):
    out = render(film, no_captions(film.timeline([6], size=(144, 256))), tmp_path / "film.mp4")

    last = decoded(out)[-1]
    assert last.shape == (256, 144)
    assert min(last[:4].std(), last[-4:].std(), last[:, :4].std(), last[:, -4:].std()) > 5


def test_captions_and_title_appear_in_their_frames_alone(film, tmp_path):
    bare = hold(no_captions(film.timeline([30])), 0)
    block = film.timeline([30]).captions.blocks[0]
    shown = replace(block, start_frame=10, end_frame=20, words=(replace(block.words[0], start_frame=10, end_frame=20),))
    captioned = replace(bare, captions=replace(film.timeline([30]).captions, blocks=(shown,)))
    titled = with_segment(captioned, 0, overlay=Overlay("Title", 20, 30))

    plain, drawn = (
        decoded(render(film, each, tmp_path / f"{number}.mp4", encoder=LOSSLESS))
        for number, each in enumerate((bare, titled))
    )

    height = plain[0].shape[0]
    low = [(a != b)[height // 2 :].any() for a, b in zip(plain, drawn, strict=True)]
    high = [(a != b)[: height // 2].any() for a, b in zip(plain, drawn, strict=True)]
    assert low == [10 <= frame < 20 for frame in range(30)]
    assert high == [frame >= 20 for frame in range(30)]


def test_sound_and_picture_stay_together(film, tmp_path):
    timeline = film.timeline([30, 25, 35])
    write_tones(tmp_path / "voice.wav", 3.0, [(0.5, 1.4), (2.0, 2.9)])
    mixed = mix_audio(tmp_path / "voice.wav", None, 90, [(0.5, 1.4), (2.0, 2.9)], tmp_path)

    out = render(film, timeline, tmp_path / "film.mp4", audio=mixed.m4a)

    with av.open(str(out)) as container:
        start = list(container.decode(audio=0))
    sound = np.concatenate([frame.to_ndarray()[0] for frame in start])
    first_at = float(start[0].pts * start[0].time_base)
    loud = np.flatnonzero(np.abs(sound) > 0.3 * np.abs(sound).max()) / 48_000 + first_at
    assert loud[0] == pytest.approx(0.5, abs=0.002)
    assert loud[loud > 1.5][0] == pytest.approx(2.0, abs=0.002)
    assert all(verdict.passed for verdict in inspect_film(out, 90, 30, mixed.samples, (256, 144)))


def test_segments_of_different_settings_are_not_joined(film, tmp_path):
    stills = {segment.image.sha256: segment.image for segment in film.timeline([5, 5]).segments}
    paths = []
    for number, profile in enumerate((FAST, EncoderProfile("medium", 19, 3, "scenecut=0:open-gop=0"))):
        request = segment_requests(film.timeline([5, 5]), profile)[number]
        job = SegmentJob(number, request, tmp_path / f"{number}.mp4")
        resolve = lambda blob: film.resolve(stills[blob.sha256])  # noqa: E731
        render_segments([job], load_kernel(), resolve, lambda: None, lambda job: None)
        paths.append(job.path)

    with pytest.raises(SegmentMismatch):
        join_film(paths, None, tmp_path / "film.mp4", 30)


def test_unreadable_still_stops_the_render(film, tmp_path):
    timeline = film.timeline([5, 5])
    film.resolve(timeline.segments[1].image).write_bytes(b"broken")

    with pytest.raises(Rejected):
        render(film, timeline, tmp_path / "film.mp4")
