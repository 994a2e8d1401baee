"""How each kind of video sounds and goes, told to a model that writes; the sample writer has its own words for it."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts import Niche


@dataclass(frozen=True)
class Tone:
    """`manner` is how it is said; `beats` in which order."""

    manner: str
    beats: tuple[str, ...]


TONES: dict[Niche, Tone] = {
    "motivation": Tone(
        "Warm, direct, concrete; speaks to one person as “you”; no slogans, no shouting, no promises of success.",
        (
            "a moment the listener knows",
            "what holds people back",
            "a small true insight",
            "one first step",
            "a calm close",
        ),
    ),
    "explainer": Tone(
        "Clear and curious, like a good teacher: everyday words, one idea a sentence, every term explained by example.",
        ("the question", "the short answer", "how it works, step by step", "an example", "what to keep in mind"),
    ),
    "facts": Tone(
        "Lively and exact: one surprising, well-established fact after another, each with the reason it is so.",
        (
            "the most surprising fact first",
            "facts that build on each other",
            "a fact that turns a belief round",
            "the best for last",
        ),
    ),
    "history": Tone(
        "A storyteller with sources: people, places and dates; says where accounts differ; never invents a quotation.",
        ("a scene", "how it came to that", "the turning point", "what followed", "what is left of it today"),
    ),
    "finance": Tone(
        "Sober and plain: how things work, with small round examples; no advice to buy or sell, no forecast.",
        (
            "a situation with money in it",
            "the idea behind it",
            "a worked example",
            "risks and costs",
            "a careful summary",
        ),
    ),
    "science": Tone(
        "Precise and full of wonder: what is measured, how it is known and what is still open; no hype.",
        (
            "a phenomenon",
            "the question it raises",
            "what was found, and how",
            "why it matters",
            "what nobody knows yet",
        ),
    ),
}
