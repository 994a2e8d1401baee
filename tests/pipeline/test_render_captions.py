import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.pipeline.contracts import (
    CAPTION_STYLES,
    SHAPE_SIZES,
    CaptionBlock,
    CaptionTrack,
    CaptionWord,
    Overlay,
    Theme,
)
from apps.pipeline.render.captions import SIZES, CaptionPainter, caption_rows
from apps.pipeline.render.colours import BLACK, WHITE, box_opacity, contrast, from_hex, ink_on, mixed, readable
from apps.pipeline.render.safe_areas import safe_area
from apps.pipeline.render.text_layout import ShownWord, lay_out
from apps.pipeline.render.titles import FADE_FRAMES, TitlePainter
from apps.pipeline.timeline.themes import THEMES

THEME = Theme(accent="#ffd60a", background="#141414")


def track(*texts, style="karaoke", position="bottom", start=0):
    """One block; each word is the spoken one for ten frames, then comes a pause of two."""
    words = tuple(CaptionWord(text, start + number * 12, start + number * 12 + 10) for number, text in enumerate(texts))
    block = CaptionBlock(start, start + len(texts) * 12, words)
    return CaptionTrack(style, position, "en", (block,))


def patch_of(caption_track, frame=0, shape="16:9", theme=THEME):
    return CaptionPainter(caption_track, theme, *SHAPE_SIZES[shape]).patch_at(frame)


def yellow(patch):
    """The columns, relative to the patch, in which there is accent colour: its U is far below grey."""
    u, alpha = patch.colours[1].astype(float), patch.alphas[1].astype(float)
    is_yellow = (alpha > 200) & (u < 0.5 * 128 * alpha / 255)
    return np.flatnonzero(is_yellow.any(axis=0))


def edges(patch):
    return patch.column, patch.row, patch.column + patch.alphas[0].shape[1], patch.row + patch.alphas[0].shape[0]


@pytest.mark.parametrize("shape", SHAPE_SIZES)
@pytest.mark.parametrize("style", CAPTION_STYLES)
@pytest.mark.parametrize("position", ["bottom", "middle", "top"])
@pytest.mark.parametrize(
    "texts", [("word",), ("W" * 300,), ("many",) * 40], ids=["short", "endless word", "many words"]
)
def test_captions_stay_in_the_safe_area_and_in_the_rows_that_the_gate_leaves_out(shape, style, position, texts):
    area, shown = safe_area(*SHAPE_SIZES[shape]), track(*texts, style=style, position=position)

    left, top, right, bottom = edges(patch_of(shown, shape=shape))
    first, last = caption_rows(shown, *SHAPE_SIZES[shape])

    assert first <= top
    assert bottom <= last + 1

    assert left >= area.left - 2
    assert right <= area.right + 2
    assert top >= area.top - 2
    assert bottom <= area.bottom + 2


@pytest.mark.parametrize(("frame", "shown"), [(19, False), (20, True), (43, True), (44, False)])
def test_block_is_on_the_screen_for_its_frames_alone(frame, shown):
    assert (patch_of(track("one", "two", start=20), frame) is not None) is shown


@pytest.mark.parametrize("style", ["karaoke", "big_word"])
def test_spoken_word_is_marked_while_it_is_spoken(style):
    words = track("first", "second", style=style)

    first, pause, second = (yellow(patch_of(words, frame)) for frame in (5, 11, 15))

    assert first.size > 0
    assert pause.size == 0
    assert first.max() < second.min()


@pytest.mark.parametrize(("text", "side"), [("words of a line", "left"), ("كلمات على الشاشة", "right")])
def test_lower_third_stands_at_the_side_where_its_lines_begin(text, side):
    area = safe_area(*SHAPE_SIZES["16:9"])
    words = (*text.split(), *text.split() * 4)

    patch = patch_of(track(*words, style="lower_third"))

    left, _, right, _ = edges(patch)
    middle = patch.alphas[1].shape[1] / 2
    if side == "left":
        assert area.left - 2 <= left <= area.left
        assert yellow(patch).max() < middle / 4
    else:
        assert area.right - 2 <= right <= area.right
        assert yellow(patch).min() > middle * 7 / 4


def test_cinema_is_the_smallest_and_has_no_box():
    words = ["some", "words"]
    letters = {style: sizes[0] for style, sizes in SIZES.items()}

    assert min(letters, key=letters.__getitem__) == "cinema"
    assert (patch_of(track(*words, style="cinema")).alphas[0] == 0).mean() > 0.1


@pytest.mark.parametrize("style", ["plain", "boxed", "cinema"])
def test_quiet_styles_mark_no_word(style):
    words = track("first", "second", style=style)

    assert yellow(patch_of(words, 5)).size == 0
    assert patch_of(words, 5).colours[0].tobytes() == patch_of(words, 15).colours[0].tobytes()


@pytest.mark.goal("S3")
def test_markup_is_drawn_as_its_own_characters():
    plain = lay_out([ShownWord(0, "word")], 60, 1500)
    tagged = lay_out([ShownWord(0, "{\\an8}word")], 60, 1500)

    assert [run.text for run in tagged.runs] == ["{\\an8}word"]
    assert tagged.width > plain.width


@pytest.mark.goal("S3")
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=8), style=st.sampled_from(CAPTION_STYLES))
def test_any_text_at_all_is_drawn_inside_the_frame_or_not_at_all(texts, style):
    patch = patch_of(track(*texts, style=style), shape="9:16")

    assert patch is None or (edges(patch)[0] >= 0 and edges(patch)[2] <= 1080 and edges(patch)[3] <= 1920)


def test_control_characters_change_nothing():
    assert patch_of(track("a\x00b\x1b")).colours[0].tobytes() == patch_of(track("ab")).colours[0].tobytes()


def test_block_of_nothing_drawable_shows_nothing():
    assert patch_of(track("\u200b", "\x07")) is None


def test_long_text_breaks_into_two_lines_of_like_width():
    words = [ShownWord(number, "seven7s") for number in range(8)]

    layout = lay_out(words, 60, 1200)

    baselines = [run.baseline for run in layout.runs]
    assert baselines.count(baselines[0]) == 4
    assert len(set(baselines)) == 2


def test_text_that_can_never_fit_ends_with_an_ellipsis():
    layout = lay_out([ShownWord(number, "word") for number in range(2000)], 60, 800)

    assert layout.width <= 800
    assert layout.runs[-1].text == "word…"


def test_words_without_spaces_between_them_stand_close():
    apart = lay_out([ShownWord(0, "ab", " "), ShownWord(1, "cd")], 60, 900)
    close = lay_out([ShownWord(0, "ab", ""), ShownWord(1, "cd")], 60, 900)

    assert close.runs[1].left == pytest.approx(close.runs[0].width)
    assert apart.width > close.width


@pytest.mark.parametrize("niche", THEMES)
def test_every_theme_is_readable(niche):
    background, accent = from_hex(THEMES[niche].background), from_hex(THEMES[niche].accent)
    ink = ink_on(background)
    worst = mixed(background, ink, box_opacity(background))

    assert contrast(ink, worst) >= 4.5
    assert contrast(readable(accent, BLACK), BLACK) >= 4.5
    assert contrast(readable(accent, background), background) >= 4.5


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(BLACK, WHITE, 21.0), (WHITE, WHITE, 1.0), ((119, 119, 119), WHITE, 4.48)]
)
def test_contrast_is_that_of_wcag(one, other, expected):
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("background", ["#ffffff", "#808080", "#202020", "#ff00ff"])
def test_any_box_colour_gets_readable_ink(background):
    colour = from_hex(background)

    assert contrast(ink_on(colour), mixed(colour, ink_on(colour), box_opacity(colour))) >= 4.5


@pytest.mark.parametrize("shape", SHAPE_SIZES)
@pytest.mark.parametrize("position", ["bottom", "middle", "top"])
@pytest.mark.parametrize("style", CAPTION_STYLES)
def test_title_stands_clear_of_the_captions(shape, position, style):
    size = SHAPE_SIZES[shape]
    title = "A title of ten words that is as long as allowed"
    caption = patch_of(track(*["captions"] * 8, style=style, position=position), shape=shape)

    _, top, _, bottom = edges(TitlePainter(Overlay(title, 0, 60), THEME, position, *size).patch_at(30))

    assert bottom <= caption.row or top >= edges(caption)[3]


def test_title_fades_in_and_out():
    painter = TitlePainter(Overlay("Title", 10, 60), THEME, "bottom", 1920, 1080)

    strength = [int(patch.alphas[0].max()) if (patch := painter.patch_at(frame)) else 0 for frame in range(70)]

    assert strength[:10] == [0] * 10
    assert strength[60:] == [0] * 10
    assert strength[10 + FADE_FRAMES - 1 : 60 - FADE_FRAMES + 1] == [255] * (50 - 2 * FADE_FRAMES + 2)
    assert strength[10:20] == sorted(strength[10:20])
    assert strength[10] == strength[59] == 255 * (256 // FADE_FRAMES) >> 8
