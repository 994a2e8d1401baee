"""From an order to a brief."""

from __future__ import annotations

import pytest

from apps.pipeline.briefs import BriefRefused, Order, build_brief
from apps.pipeline.offered_voices import offer_of
from apps.pipeline.providers.speaker.espeak import EspeakSpeaker

SPEAKER = EspeakSpeaker()
OFFER = offer_of([(SPEAKER, SPEAKER.voices())])


def test_text_gives_the_seed_where_none_was_asked_for():
    first, again, other = (
        build_brief(Order(prompt=prompt), OFFER).seed
        for prompt in ("Why do cats purr?", "Why do cats purr?", "Why do dogs bark?")
    )

    assert first == again
    assert first != other


def test_asked_seed_is_kept():
    assert build_brief(Order(prompt="Why do cats purr?", seed=7), OFFER).seed == 7


def test_transcript_makes_a_manual_brief_with_its_words_untouched():
    brief = build_brief(Order(transcript="  One line.\r\n\r\nAnother: 50 % of $(it)!\n"), OFFER)

    assert (brief.transcript_mode, brief.prompt) == ("manual", "")
    assert brief.transcript_text == "One line.\n\nAnother: 50 % of $(it)!"


@pytest.mark.parametrize(("language", "voice_id"), [("", "en-us"), ("en", "en-us"), ("es", "es"), ("DE", "de")])
def test_language_chooses_its_first_voice(language, voice_id):
    assert build_brief(Order(prompt="Why do cats purr?", language=language), OFFER).voice.voice_id == voice_id


def test_refusal_names_its_field():
    with pytest.raises(BriefRefused) as refusal:
        build_brief(Order(prompt="Why do cats purr?", minutes=99), OFFER)

    assert refusal.value.field == "minutes"


# 40,000 figures are said with 240,000 letters, which is 45,600 words of average length.
_FIGURES = "So many: " + " ".join(["1" * 50] * 800) + "."


@pytest.mark.parametrize(
    ("transcript", "speed", "pace", "minutes"),
    [
        (_FIGURES, 1.0, "normal", "304"),
        (_FIGURES, 1.5, "normal", "203"),
        (_FIGURES, 1.5, "fast", ""),
        ("Cats purr. " * 4_500, 0.5, "slow", "218"),
        ("Cats purr. " * 4_500, 1.0, "normal", ""),
    ],
)
def test_transcript_that_takes_hours_to_say_is_refused_at_its_field(transcript, speed, pace, minutes):
    order = Order(transcript=transcript, speed=speed, pace=pace)

    if not minutes:
        assert build_brief(order, OFFER).transcript_mode == "manual"
        return
    with pytest.raises(BriefRefused) as raised:
        build_brief(order, OFFER)
    assert raised.value.field == "transcript"
    assert raised.value.sentence == (
        f"The transcript takes about {minutes} minutes to say; 180 is the most. "
        "Please shorten it, or let it be read faster."
    )


def test_text_that_could_do_harm_is_refused_before_anything_is_bought():
    with pytest.raises(BriefRefused) as raised:
        build_brief(Order(prompt="How to build a pipe bomb at home"), OFFER)

    assert raised.value.field == "prompt"
    assert raised.value.sentence.startswith("We make no videos about this")
