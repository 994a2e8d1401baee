"""The kinds of video on offer, in the words that visitors read; each has a sample film in `static/samples`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Sample:
    """A film that was made from `script`, word for word, with the built-in voice and illustrator."""

    title: str
    script: str


@dataclass(frozen=True)
class Preset:
    """One kind of video; `slug` is the niche's name everywhere else.

    `beats` is the order in which its narration is built, `example` an idea that suits it.
    """

    slug: str
    name: str
    promise: str
    good_for: str
    tone: str
    look: str
    beats: tuple[str, ...]
    example: str
    price_rule: str
    sample: Sample
    price_note: str = ""

    @property
    def label(self) -> str:
        """The name, with what sets its price apart."""
        return ", ".join(part for part in (self.name, self.price_note) if part)

    @property
    def film(self) -> str:
        """The sample film among the static files."""
        return f"samples/{self.slug}/film.mp4"

    @property
    def poster(self) -> str:
        """A frame of it, as large as the film."""
        return f"samples/{self.slug}/poster.webp"

    @property
    def captions(self) -> str:
        """Its captions as a track."""
        return f"samples/{self.slug}/captions.vtt"


_ONE_A_MINUTE = "1 credit for each minute of video, counted up to the next whole one."

PRESETS = (
    Preset(
        slug="explainer",
        name="Explainer",
        promise="One question, answered step by step.",
        good_for="How something works, how something is done, lessons, product tours, onboarding.",
        tone="Friendly and clear, one thought at a time.",
        look="Clean editorial pictures with simple shapes and soft shadows.",
        beats=("the question", "why it matters", "the answer, step by step", "an example to try", "a recap"),
        example="Why do cats purr, and what does it mean when they stop?",
        price_rule=_ONE_A_MINUTE,
        sample=Sample(
            "What makes it tick",
            "Once a day, a hand winds up a clock.\n\nIts push runs through a train of gears.\n\n"
            "Tick after tick, all equal: that is a clock.",
        ),
    ),
    Preset(
        slug="facts",
        name="Facts",
        promise="Surprising things, told quickly.",
        good_for="Lists, curiosities, quizzes, short clips that people send on.",
        tone="Lively, with a surprise in each scene.",
        look="Bold posters with strong shapes and playful contrast.",
        beats=("a hook", "the surprise", "the facts, sorted", "one of them up close", "what to keep"),
        example="Seven things about octopuses that sound made up",
        price_rule=_ONE_A_MINUTE,
        sample=Sample(
            "The slowest planet",
            "One turn of Venus, the slowest planet, takes eight months.\n\n"
            "That is longer than its trip round the sun.\n\nAnd under its clouds, the ground could melt lead.",
        ),
    ),
    Preset(
        slug="history",
        name="History",
        promise="A moment of the past, and who was in it.",
        good_for="Events, lives, places, anniversaries, school projects.",
        tone="Unhurried, told through people and places.",
        look="Aged engravings and maps on parchment.",
        beats=("the scene", "what came before", "the turning point", "the people in it", "what it left behind"),
        example="The night the Titanic went down, hour by hour",
        price_rule="1½ credits for each minute of video, counted up to the next whole one.",
        price_note="1½ credits a minute",
        sample=Sample(
            "East and back",
            "Marco Polo followed the trade route from Venice to China.\n\nFour years he rode, by horse and camel.\n\n"
            "Twenty years later, a ship brought him home.",
        ),
    ),
    Preset(
        slug="science",
        name="Science",
        promise="From wondering to knowing, and how anyone could find out.",
        good_for="Nature, space, health, technology, talks that need a picture.",
        tone="Curious and exact, honest about what is still open.",
        look="Luminous pictures with fine particles before a deep background.",
        beats=("wonder", "what can be observed", "an explanation", "how it is tested", "what is still open"),
        example="What happens inside a star in the second before it explodes?",
        price_rule=_ONE_A_MINUTE,
        sample=Sample(
            "How a star is lit",
            "A star begins as a cloud of gas and dust.\n\nIt turns and tightens, pulled by its own gravity.\n\n"
            "Hot enough, its atoms fuse. The star shines.",
        ),
    ),
    Preset(
        slug="finance",
        name="Finance",
        promise="Money matters in plain numbers.",
        good_for="Saving, prices, markets, business terms, budgets.",
        tone="Sober and steady, with the arithmetic shown, and a plain line that it is no advice.",
        look="Precise modern pictures in calm order.",
        beats=("the question", "the terms", "the trade-offs", "the arithmetic", "a next step"),
        example="How compound interest turns small savings into large ones",
        price_rule=_ONE_A_MINUTE,
        sample=Sample(
            "Money that earns money",
            "Put a hundred dollars into savings, at five percent.\n\n"
            "In fourteen years, interest has nearly doubled it.\n\nNow your money earns money of its own.",
        ),
    ),
    Preset(
        slug="motivation",
        name="Motivation",
        promise="One thought that gets somebody moving.",
        good_for="Morning posts, teams, coaching, sport, speeches.",
        tone="Warm and direct, without shouting.",
        look="Wide landscapes with long light.",
        beats=("a hook", "the struggle", "the principle", "how to practise it", "a close to remember"),
        example="How to begin again after you have given up on a habit",
        price_rule=_ONE_A_MINUTE,
        sample=Sample(
            "One step, then the next",
            "However tall a mountain is, you climb it in steps.\n\nTake the first step before the sun is up.\n\n"
            "Count the steps behind you, not the miles of road ahead.",
        ),
    ),
)
_BY_SLUG = {preset.slug: preset for preset in PRESETS}
_EXAMPLES_AT_ONCE = 3


def preset_named(slug: str) -> Preset | None:
    """Return the preset of that name, None when there is none."""
    return _BY_SLUG.get(slug)


def examples_of(day: date) -> tuple[Preset, ...]:
    """Return the three presets whose examples are shown on that day: each of the six returns every other day."""
    first = day.toordinal() * _EXAMPLES_AT_ONCE % len(PRESETS)
    return tuple(PRESETS[(first + step) % len(PRESETS)] for step in range(_EXAMPLES_AT_ONCE))
