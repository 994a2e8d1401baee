from dataclasses import dataclass, field, replace

import pytest

from apps.pipeline.codec import digest, from_json, to_json
from apps.pipeline.contracts import CaptionBlock, CaptionWord, MediaFile, Render
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.render.encoder import FAST
from apps.pipeline.render.plan import lettered
from apps.pipeline.steps import render as render_step
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.render import RenderPart, RenderPartRequest, RenderRequest, RenderStep
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
        """Return the result and the context, which says what was made anew."""
        context = self._context(**options)
        try:
            return self._step().make(RenderRequest(timeline, FAST), context), context
        finally:
            self.made = context.made

    def make_part(self, request):
        """Make a part as another machine would: from what was stored of its request."""
        context = self._context()
        return self._step().make_part(from_json(to_json(request), RenderPartRequest), context), context

    def forget(self, unit):
        self._units = {(name, key): kept for (name, key), kept in self._units.items() if name != unit}

    def _step(self):
        return RenderStep(cache_folder=self._root / "cache")

    def _context(self, **options):
        self._runs += 1
        scratch = self._root / f"scratch{self._runs}"
        scratch.mkdir()
        return UnitContext(self._first.store, scratch, units=self._units, **options)


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


def parts_of(timeline, chunk_seconds):
    return RenderStep(chunk_seconds=chunk_seconds).parts(Inputs({}, {"timeline": timeline}))


def scenes_by_part(parts):
    return {name: [scene.scene_id for scene in part.scenes] for name, part in parts.items()}


def test_film_of_one_chunk_has_no_parts(studio):
    assert parts_of(studio.timeline([20, 15, 25]), chunk_seconds=2) == {}


def test_long_film_is_the_sound_and_chunks_of_about_equal_length(studio):
    parts = parts_of(studio.timeline([20, 15, 25, 10, 20, 30]), chunk_seconds=1.4)

    assert scenes_by_part(parts) == {
        "sound": [],
        "chunk_001": ["s0", "s1"],
        "chunk_002": ["s2", "s3"],
        "chunk_003": ["s4", "s5"],
    }
    assert [part.sound is not None for part in parts.values()] == [True, False, False, False]


def test_scene_longer_than_a_chunk_stays_whole_and_leaves_no_chunk_empty(studio):
    assert scenes_by_part(parts_of(studio.timeline([10, 120, 10]), chunk_seconds=1)) == {
        "sound": [],
        "chunk_001": ["s0"],
        "chunk_002": ["s1"],
        "chunk_003": ["s2"],
    }


def test_film_made_in_parts_is_byte_for_byte_the_film_made_in_one_piece(studio, tmp_path):
    timeline = studio.timeline([20, 15, 25])
    parts = parts_of(timeline, chunk_seconds=0.7)
    made = {name: studio.make_part(request)[0] for name, request in parts.items()}

    joined, context = studio.make(timeline)

    assert context.made == []
    assert [segment.scene_id for name in made for segment in made[name].segments] == ["s0", "s1", "s2"]
    assert made["sound"] == RenderPart(mix=joined.mix)
    whole = Studio(tmp_path / "whole")
    assert whole.make(whole.timeline([20, 15, 25]))[0] == joined


def test_segment_that_went_missing_meanwhile_is_made_when_the_parts_are_joined(studio):
    timeline = studio.timeline([20, 15])
    for request in parts_of(timeline, chunk_seconds=0.6).values():
        studio.make_part(request)
    studio.forget("segment-s1")

    _, context = studio.make(timeline)

    assert context.made == ["segment-s1"]


def test_scene_that_moves_to_another_chunk_is_not_filmed_again(studio):
    studio.make(studio.timeline([20, 15, 25]))
    longer = studio.timeline([20, 15, 25, 30, 30])

    made = {name: studio.make_part(request)[1].made for name, request in parts_of(longer, chunk_seconds=1.2).items()}

    # The fade into a new scene shows longer what the last one showed.
    assert made == {"sound": ["sound"], "chunk_001": [], "chunk_002": ["segment-s2", "segment-s3"],
                    "chunk_003": ["segment-s4"]}  # fmt: skip


def test_chunk_is_for_any_machine_and_what_is_kept_names_the_fonts_it_was_drawn_with(studio):
    timeline = studio.timeline([20, 15])
    block = CaptionBlock(0, 20, (CaptionWord("Harbour", 0, 20),))
    timeline = replace(timeline, captions=replace(timeline.captions, blocks=(block,)))
    chunk = parts_of(timeline, chunk_seconds=0.6)["chunk_001"]
    assert [scene.segment.faces for scene in chunk.scenes] == [()]

    _, context = studio.make_part(chunk)

    ((unit, key),) = context.units
    drawn = lettered(chunk.scenes[0].segment)
    assert (unit, key) == ("segment-s0", digest(drawn))
    assert drawn.faces == ("Manrope-ExtraBold.ttf",)
