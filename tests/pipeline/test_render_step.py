from dataclasses import dataclass, field, replace

import pytest

from apps.pipeline.codec import digest, from_json, to_json
from apps.pipeline.contracts import CaptionBlock, CaptionWord, MediaFile, Render
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.render.encoder import FAST
from apps.pipeline.steps import render as render_step
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.render import RenderRequest, RenderStep
from tests.pipeline.folder_store import FolderContext, folder_context
from tests.pipeline.small_film import SmallFilm, decoded, with_segment, write_tones


class Cancelled(Exception):
    pass


@dataclass
class UnitContext(FolderContext):
    """Keeps units like the runner does; `stop_after` raises once that many are kept."""

    units: dict = field(default_factory=dict)
    made: list = field(default_factory=list)
    stop_after: int = 1000

    def progress(self, share, message=""):
        super().progress(share, message)
        if len(self.made) >= self.stop_after:
            raise Cancelled

    def recall(self, unit, request, kind):
        kept = self.units.get((unit, digest(request)))
        return None if kept is None else from_json(kept, kind)

    def keep(self, unit, request, result):
        self.units[unit, digest(request)] = to_json(result)
        self.made.append(unit)


@pytest.fixture
def studio(tmp_path):
    return Studio(tmp_path)


class Studio:
    """A store that lasts over several runs of the step."""

    def __init__(self, root):
        self._root = root
        self._first = folder_context(root)
        self.film = SmallFilm(root / "store")
        self._units = {}
        self._runs = 0

    def timeline(self, frames):
        write_tones(self._root / "voice.wav", sum(frames) / 30, [(0.1, sum(frames) / 30 - 0.1)])
        voice = self._first.store.put(self._root / "voice.wav", ".wav")
        return replace(self.film.timeline(frames), narration=MediaFile("narration.wav", voice.sha256, ".wav"))

    def make(self, timeline, **options):
        """Return what was made anew, the result, and the context."""
        self._runs += 1
        scratch = self._root / f"scratch{self._runs}"
        scratch.mkdir()
        context = UnitContext(self._first.store, scratch, units=self._units, **options)
        step = RenderStep(cache_folder=self._root / "cache")
        try:
            return step.make(RenderRequest(timeline, FAST), context), context
        finally:
            self.made = context.made


def test_timeline_becomes_a_film_with_its_sound(studio):
    render, context = studio.make(studio.timeline([20, 15, 25]))

    assert len(decoded(context.store.fetch(render.video))) == 60
    assert (render.frames, render.fps, render.width, render.height, render.codec) == (60, 30, 256, 144, "h264")
    assert render.mix.samples == 60 * 1600
    assert [(segment.scene_id, segment.frames) for segment in render.segments] == [("s0", 20), ("s1", 15), ("s2", 25)]
    assert context.made == ["sound", "segment-s0", "segment-s1", "segment-s2"]
    assert context.shares == sorted(context.shares)
    assert from_json(to_json(render), Render) == render


def test_second_run_makes_nothing_again_and_gives_the_same_bytes(studio):
    timeline = studio.timeline([20, 15])
    first, _ = studio.make(timeline)

    second, context = studio.make(timeline)

    assert context.made == []
    assert second == first


def test_stopped_run_keeps_what_was_finished(studio):
    timeline = studio.timeline([20, 15, 25])
    with pytest.raises(Cancelled):
        studio.make(timeline, stop_after=2)
    assert studio.made == ["sound", "segment-s0"]

    _, context = studio.make(timeline)

    assert context.made == ["segment-s1", "segment-s2"]


def test_new_picture_makes_two_segments_and_no_sound(studio):
    timeline = studio.timeline([20, 15, 25, 10])
    studio.make(timeline)

    _, context = studio.make(with_segment(timeline, 1, image=studio.film.still(77)))

    assert context.made == ["segment-s1", "segment-s2"]


def test_words_that_no_font_shows_are_refused_before_anything_is_made(studio):
    timeline = studio.timeline([20])
    block = CaptionBlock(0, 20, (CaptionWord("\u0378", 0, 20),))
    unreadable = replace(timeline, captions=replace(timeline.captions, blocks=(block,)))

    with pytest.raises(Rejected, match="No installed font can show: \u0378"):
        studio.make(unreadable)

    assert studio.made == []


def test_failed_check_is_worth_another_try_and_nothing_of_it_is_kept(studio):
    timeline = studio.timeline([90])
    flat = studio.film.still(1, colour=(60, 90, 120))

    with pytest.raises(Transient) as failure:
        studio.make(with_segment(timeline, 0, image=flat))

    assert failure.value.code == "quality_gate"
    assert str(failure.value).startswith("segment_flat at s0")
    assert studio.made == ["sound"]


def test_picture_that_is_dark_itself_passes(studio):
    timeline = studio.timeline([40])
    night = studio.film.still(1, darkness=0.043)

    _, context = studio.make(with_segment(timeline, 0, image=night))

    assert context.made == ["sound", "segment-s0"]


def test_request_is_the_timeline_and_the_encoder(studio):
    timeline = studio.timeline([20])

    request = RenderStep().request(Inputs({}, {"timeline": timeline}))

    assert request == RenderRequest(timeline, render_step.FAST)
