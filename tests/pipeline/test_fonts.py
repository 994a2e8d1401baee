import time

import pytest
from fontTools.fontBuilder import FontBuilder

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render import fonts


@pytest.fixture
def only_own_font(monkeypatch):
    """A machine with no installed fonts."""
    caches = (fonts._faces, fonts._face_of, fonts._covered)
    monkeypatch.setattr(fonts, "_FOLDERS", ())
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize("text", ["Hello, world!", "Éßğłșøđ", "Жёлтый", "Ωμέγα", "“quotes” – 42 % €", "Việt Nam"])
def test_european_text_is_shown_by_the_font_that_ships(only_own_font, text):
    assert fonts.missing_glyphs(text) == ()
    assert fonts.faces_of(text) == ("Manrope-ExtraBold.ttf",)


@pytest.mark.parametrize(
    ("script", "shown"), [("Latn", True), ("Cyrl", True), ("Grek", True), ("Deva", False), ("Hans", False)]
)
def test_scripts_of_the_own_font_are_offered_and_no_others(only_own_font, script, shown):
    assert fonts.can_show(script) is shown


def test_unknown_script_is_not_offered():
    assert fonts.can_show("Zzzz") is False


def test_letters_without_a_font_are_refused_by_name(only_own_font):
    with pytest.raises(Rejected) as refusal:
        fonts.require_glyphs("say 世界 and नमस्ते")

    assert refusal.value.code == "no_font"
    assert refusal.value.sentence.startswith("No installed font can show: 世 界 न म स ् त े. Install fonts-noto-core")


def test_long_list_of_missing_letters_is_cut(only_own_font):
    with pytest.raises(Rejected) as refusal:
        fonts.require_glyphs("".join(chr(0x4E00 + number) for number in range(500)))

    assert refusal.value.sentence.split(".")[0].endswith("三 上 下 …")


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("cats 🐈 purr", "cats  purr"),
        ("👩‍👩‍👧 family", " family"),
        ("1️⃣ first", "1 first"),
        ("nul\x00 bell\x07 tab\tline\nend", "nul bell tab line end"),
        ("soft\u00adhyphen \u202eoverride", "softhyphen override"),
        ("{\\an8}<b>", "{\\an8}<b>"),
    ],
)
def test_pictographs_and_control_characters_are_left_out(only_own_font, text, drawn):
    fonts.require_glyphs(text)

    assert fonts.drawable(text) == drawn


def test_mark_without_a_glyph_never_parts_from_its_letter(only_own_font):
    assert "".join(run.text for run in fonts.runs_of("a\u0315\u0358b")) == "ab"


def test_pile_of_marks_costs_no_more_than_a_few():
    runs = fonts.runs_of("a" + "\u0301" * 50_000)

    assert sum(len(run.text) for run in runs) <= 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [("hello", False), ("12 مرحبا", True), ("שלום 12", True), ("hello مرحبا", False), ("12", False)],
)
def test_direction_is_that_of_the_first_letter(text, expected):
    assert fonts.is_right_to_left(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("Zoë", False), ("日本", False), ("हिन्दी", True), ("عربي", True), ("ไทย", True)]
)
def test_scripts_that_join_need_shaping(text, expected):
    assert fonts.needs_shaping(text) is expected


def test_joining_script_is_refused_where_text_cannot_be_shaped(monkeypatch):
    monkeypatch.setattr(fonts, "_has_shaping", lambda: False)

    with pytest.raises(Rejected, match="libfribidi0"):
        fonts.require_glyphs("مرحبا")


def test_font_of_pictures_without_outlines_shows_nothing(tmp_path):
    builder = FontBuilder(1024, isTTF=True)
    builder.setupGlyphOrder([".notdef", "smile"])
    builder.setupCharacterMap({0x1F600: "smile"})
    builder.font.save(str(tmp_path / "emoji.ttf"))

    assert fonts._coverage(fonts.Face(tmp_path / "emoji.ttf", 0)) == frozenset()


def test_broken_font_file_shows_nothing(tmp_path):
    path = tmp_path / "broken.ttf"
    path.write_bytes(b"not a font")

    assert fonts._coverage(fonts.Face(path, 0)) == frozenset()


def test_text_of_thousands_of_different_signs_is_judged_within_a_second(only_own_font):
    text = "".join(map(chr, range(0x4E00, 0x9FFF)))
    fonts.can_show("Latn")

    started = time.process_time()
    missing = fonts.missing_glyphs(text)

    assert len(missing) == len(text)
    assert time.process_time() - started < 1.0
