"""What the quality gate sees in real files, good and bad."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from apps.pipeline.contracts import CaptionCue, Verdict
from apps.pipeline.render.gate import RULES, failed, figures, judge, sentence
from apps.pipeline.render.inspect import (
    SegmentExpectation,
    inspect_captions,
    inspect_film,
    inspect_picture,
    inspect_segment,
)
from apps.pipeline.render.loudness import HIGHEST_TRUE_PEAK_DB, TOLERANCE_LU
from apps.pipeline.subtitles import to_srt, to_vtt
from tests.pipeline.clips import HEIGHT, WIDTH, captioned, encode, holding, moving, texture

EXPECTED = SegmentExpectation(90, WIDTH, HEIGHT, 30, caption_rows=(300, 340))


def faults(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    return {verdict.check: verdict.measured for verdict in failed(verdicts)}


def test_moving_segment_passes_every_check(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", captioned(moving(90)))

    assert faults(inspect_segment(clip, EXPECTED)) == {}


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        (captioned(holding(90)), {"segment_frozen": "75 frames in a row"}),
        (moving(89), {"segment_frames": "89 frames"}),
        (
            captioned(holding(90, luma=17)),
            {
                "segment_black": "90 frames in a row",
                "segment_flat": "90 frames in a row",
                "segment_frozen": "75 frames in a row",
            },
        ),
        (
            captioned(holding(90, luma=120)),
            {"segment_flat": "90 frames in a row", "segment_frozen": "75 frames in a row"},
        ),
    ],
    ids=["frozen", "a frame short", "black", "one colour"],
)
def test_faulty_segment_fails_by_name(tmp_path: Path, pictures: Iterator[np.ndarray], expected: dict[str, str]) -> None:
    clip = encode(tmp_path / "clip.mp4", pictures)

    assert faults(inspect_segment(clip, EXPECTED, "scene 1")) == expected


def test_still_segment_is_found_where_its_captions_change_at_the_top(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", captioned(holding(90), baseline=50))

    expected = SegmentExpectation(90, WIDTH, HEIGHT, 30, caption_rows=(20, 60))
    assert faults(inspect_segment(clip, expected)) == {"segment_frozen": "75 frames in a row"}


def test_subject_that_moves_on_an_empty_ground_is_movement(tmp_path: Path) -> None:
    empty = (picture.copy() for picture in moving(90))
    clip = encode(tmp_path / "clip.mp4", (_blanked(picture) for picture in empty))

    assert faults(inspect_segment(clip, EXPECTED)) == {}


def _blanked(picture: np.ndarray) -> np.ndarray:
    """Only the middle third keeps its texture."""
    picture[: HEIGHT // 3] = picture[2 * HEIGHT // 3 :] = 200
    return picture


def test_held_picture_may_stand_still(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", holding(90))

    assert faults(inspect_segment(clip, SegmentExpectation(90, WIDTH, HEIGHT, 30, may_freeze=True))) == {}


def test_wrong_size_is_named(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", moving(90))

    assert faults(inspect_segment(clip, SegmentExpectation(90, 1920, 1080, 30))) == {"segment_size": "640x360 px"}


def test_truncated_segment_fails_instead_of_raising(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", moving(90))
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])

    assert "segment_frames" in faults(inspect_segment(clip, EXPECTED))


def test_file_that_is_no_video_fails_instead_of_raising(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"ffconcat version 1.0\nfile /etc/passwd\n")

    assert faults(inspect_segment(path, EXPECTED))["segment_decodes"] == "InvalidDataError"
    assert faults(inspect_film(path, 90, 30, 144_000)) == {"film_streams": "InvalidDataError"}


def test_sound_film_passes_every_check(tmp_path: Path) -> None:
    film = encode(tmp_path / "film.mp4", moving(60), audio_samples=96_000)

    assert faults(inspect_film(film, 60, 30, 96_000, (WIDTH, HEIGHT))) == {}


def test_film_with_a_missing_frame_and_short_sound_fails_both(tmp_path: Path) -> None:
    film = encode(tmp_path / "film.mp4", moving(59), audio_samples=91_200)

    assert set(faults(inspect_film(film, 60, 30, 96_000))) == {"film_frames", "film_audio"}


def test_film_with_its_index_at_the_end_fails(tmp_path: Path) -> None:
    film = encode(tmp_path / "film.mp4", moving(30), audio_samples=48_000, faststart=False)

    assert faults(inspect_film(film, 30, 30, 48_000)) == {"film_faststart": "False"}


def test_silent_film_fails(tmp_path: Path) -> None:
    film = encode(tmp_path / "film.mp4", moving(30))

    assert faults(inspect_film(film, 30, 30, 48_000)) == {"film_streams": "IndexError"}


SRT = "1\n00:00:00,000 --> 00:00:01,000\nCats purr\nsoftly\n\n2\n00:00:01,200 --> 00:00:02,000\nat night.\n"
VTT = "WEBVTT\n\n" + SRT.replace(",", ".").replace("1\n00", "00", 1).replace("2\n00", "00", 1)
WORDS = ["Cats", "purr", "softly", "at", "night."]


def test_captions_of_every_word_pass() -> None:
    assert faults(inspect_captions(SRT, VTT, WORDS, 2000)) == {}


@pytest.mark.parametrize(
    ("srt", "expected"),
    [
        (SRT.replace("softly", ""), {"captions_words": "2 words"}),
        (SRT.replace("night.", "night. again"), {"captions_words": "-1 words"}),
        (SRT.replace("00:00:02,000", "00:00:02,001"), {"captions_times": "1 cues out of place"}),
        (SRT.replace("00:00:01,200", "00:00:00,900"), {"captions_times": "1 cues out of place"}),
        ("", {"captions_words": "0 words"}),
    ],
    ids=["a word lost", "a word too many", "after the end", "overlap", "empty"],
)
def test_faulty_captions_fail_by_name(srt: str, expected: dict[str, str]) -> None:
    assert faults(inspect_captions(srt, VTT, WORDS, 2000)) == expected


def test_words_that_look_like_markup_pass() -> None:
    words = ["{\\an8}", "<b>bold</b>", "&amp;", "a\\Nb", "-->"]
    cues = (CaptionCue(0.0, 1.0, (" ".join(words[:2]), " ".join(words[2:])), 0, 4),)

    assert faults(inspect_captions(to_srt(cues), to_vtt(cues), words, 1000)) == {}


def test_times_of_a_race_pass() -> None:
    words = ["The", "record", "fell", "from", "12:37.35", "to", "12:35.36."]
    cues = (CaptionCue(0.0, 1.0, (" ".join(words),), 0, 6),)

    assert faults(inspect_captions(to_srt(cues), to_vtt(cues), words, 1000)) == {}


@pytest.mark.parametrize(
    ("picture", "passed"),
    [(texture(), True), (np.full((300, 300), 90, np.uint8), False)],
    ids=["textured", "one colour"],
)
def test_picture_of_one_colour_fails(tmp_path: Path, picture: np.ndarray, passed: bool) -> None:
    path = tmp_path / "still.png"
    cv2.imwrite(str(path), picture)

    (verdict,) = inspect_picture(path, "s1")

    assert (verdict.passed, verdict.where) == (passed, "s1")


def test_failures_are_told_once_each_and_logged_with_figures() -> None:
    verdicts = (
        judge("segment_flat", 40, where="s1"),
        judge("segment_flat", 50, where="s2"),
        judge("picture_flat", 9.0),
    )

    assert sentence(verdicts) == (
        "The finished video failed its check: a scene shows a single colour. Please try again."
    )
    assert figures(verdicts) == (
        "segment_flat at s1: 40 frames in a row, at most 15 frames in a row; "
        "segment_flat at s2: 50 frames in a row, at most 15 frames in a row"
    )


def test_table_and_audio_mix_agree_on_the_sounds_limits() -> None:
    assert (RULES["sound_loudness"].limit, RULES["sound_true_peak"].limit) == (TOLERANCE_LU, HIGHEST_TRUE_PEAK_DB)


def test_every_rule_without_a_limit_is_an_exact_one() -> None:
    assert {name for name, rule in RULES.items() if rule.limit is None} == {
        name for name, rule in RULES.items() if rule.sense == "exactly"
    }
