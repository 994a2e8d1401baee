"""What is left of a pasted text for voice and captions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.pipeline.text.characters import has_words
from apps.pipeline.text.cleaning import clean_text, heading_of


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("# Title\n\nHello **bold** and *very* [link](http://x.y).", "Hello bold and very link."),
        ("- one\n- two\n\n1. a\n2. b", "one\n\ntwo\n\na\n\nb"),
        ("1998. That was the year.", "1998. That was the year."),
        ("NARRATOR: Hello (applause) there [soft music] *sighs* friend [1].", "Hello there friend."),
        ("He said (music theory matters) and (pause) left.", "He said (music theory matters) and left."),
        ("See https://x.com/a?b=1. Or (https://a.b) or me@x.org!", "See. Or or!"),
        ("{\\an8}Up here {not a tag}", "Up here {not a tag}"),
        ("<p>One</p><p>Two &amp; <b>three</b></p>", "One\n\nTwo & three"),
        ("2*3*4 is 24, snake_case_x, a < b && c > d", "2*3*4 is 24, snake_case_x, a < b && c > d"),
        ("| planet | moons |\n|---|---|\n| Earth | 1 |", "planet, moons\n\nEarth, 1"),
        ("```\ncode\n```\nafter", "after"),
        ("```\nnever closed", "never closed"),
        ("Hard\nwrapped\nlines\n\nNext", "Hard wrapped lines\n\nNext"),
        ("你好\n世界", "你好世界"),
        ("# Only a heading", "Only a heading"),
        ("Not a heading\n---\nmore", "Not a heading\n\nmore"),
        ("Hello👋world 🎉. Cafe\u0301", "Hello world. Café"),
        ("a\u202eb\u200bc\x00d\ufeff", "abcd"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("[Speaker]: hello `code` $PATH; rm -rf", "[Speaker]: hello code $PATH; rm -rf"),
        ("[00:12] Hello\n0:15\nthere", "Hello\n\nthere"),
        ("(music)\n\n...\n\n🎉", ""),
        ("One.\n\n~~~\n\nTwo.\n\n~~~\n\nThree.", "One.\n\nTwo.\n\nThree."),
        ("One.\n~~~\nTwo.\n~~~~~\nThree.", "One.\n\nTwo.\n\nThree."),
        ("One.\n~~~python\ncode\n~~~\nTwo.", "One.\n\nTwo."),
        ("debt <equity and growth >15% a year", "debt <equity and growth >15% a year"),
        ("Write to <me@x.org> or <https://a.b> now", "Write to or now"),
        ("if a <b and c> d then", "if a <b and c> d then"),
        ("Wait <pause> for <NARRATOR> it", "Wait for <NARRATOR> it"),
        ('<font color="red">Red</font>,<br/> <v Ada>said</v> <c.x>she</c> <00:01.250>so', "Red, said she so"),
        ('Well<break time="1s"/> then <i >leaning</i>', "Well then leaning"),
    ],
)
def test_marks_go_and_words_stay(raw, clean):
    assert clean_text(raw) == clean


def test_pasted_srt_keeps_only_its_lines():
    srt = (
        "1\n00:00:01,000 --> 00:00:02,000\nHello <i>there</i>,\n\n"
        "2\n00:00:02,100 --> 00:00:04,000\nfriend.\n\n"
        "3\n00:00:09,000 --> 00:00:10,000\n{\\an8}Later.\n"
    )

    assert clean_text(srt) == "Hello there, friend.\n\nLater."


def test_rolling_webvtt_captions_are_not_said_twice():
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello there\n\n00:02.000 --> 00:05.000\nHello there\nmy friend\n"

    assert clean_text(vtt) == "Hello there my friend"


def test_a_cue_that_is_said_twice_is_kept_twice():
    srt = (
        "1\n00:00:01,000 --> 00:00:02,000\nNever give up.\n\n"
        "2\n00:00:02,500 --> 00:00:04,000\nNever give up.\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\nNo!\nNo!\n"
    )

    assert clean_text(srt) == "Never give up. Never give up. No! No!"


def test_rolling_captions_that_show_a_line_alone_for_a_moment_are_not_said_twice():
    vtt = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n \nhello<00:01.500><c> there</c>\n\n"
        "00:02.000 --> 00:02.010\nhello there\n \n\n"
        "00:02.010 --> 00:04.000\nhello there\nmy friend\n\n"
        "00:04.000 --> 00:04.010\nmy friend\n \n"
    )

    assert clean_text(vtt) == "hello there my friend"


def test_pasted_subtitles_keep_their_signs_and_numbers():
    vtt = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nThe year was\n1998\n\n"
        "00:02.000 --> 00:03.000\n42\n\n00:03.000 --> 00:05.000\ndebt <equity and growth >15%, again in\n1999\n"
    )

    assert clean_text(vtt) == "The year was 1998 42 debt <equity and growth >15%, again in 1999"


def test_first_heading_names_the_text():
    assert heading_of("intro\n\n## The *Honey* Bee\n\ntext") == "The Honey Bee"
    assert heading_of("no heading") == ""


@pytest.mark.parametrize(
    ("text", "expected"), [("...", False), ("🎉 —", False), ("x", True), ("九", True), ("٣", True)]
)
def test_words_are_letters_or_digits_of_any_script(text, expected):
    assert has_words(text) is expected


@given(st.text(alphabet="ab é年1 *_`#[](){}<>\\/~|-=.:\n\t\u200d\u202e🎉&;", max_size=120))
@settings(max_examples=200, deadline=None)
def test_any_text_comes_out_printable(raw):
    clean = clean_text(raw)

    assert not set(clean) & set("\t\u202e🎉")
    assert "\n\n\n" not in clean
    assert clean == clean.strip()


@given(st.lists(st.text(alphabet="abcdé", min_size=1, max_size=8), min_size=1, max_size=12))
@settings(deadline=None)
def test_plain_words_are_never_lost(words):
    assert clean_text(" ".join(words) + ".") == " ".join(words) + "."
