"""What a model answers to the writer's questions: true to the length and the number of scenes that are asked for."""

from __future__ import annotations

import re
from typing import Any

_SENTENCES = (
    "Cats purr when they feel safe and calm.",
    "The sound comes from small muscles in the throat.",
    "They open and close the voice box many times a second.",
    "Air moves through it on every breath, in and out.",
    "So the purr goes on without a break.",
    "A mother purrs to her kittens before they can see.",
    "Some cats purr when they are hurt or afraid.",
    "Perhaps it helps them to rest.",
)


def answer_to(question: str, *, stretch: float = 1.0) -> dict[str, Any]:
    """Return the JSON that is asked for; `stretch` makes a narration that much longer than it should be."""
    length = re.search(r"Length: (\d+) words", question)
    if length:
        return narration(round(int(length.group(1)) * stretch))
    count = re.search(r"Give exactly (\d+) entries", question)
    assert count is not None, question
    return scenes(int(count.group(1)))


def narration(words: int) -> dict[str, Any]:
    paragraphs: list[str] = []
    said = number = 0
    while said < words:
        paragraph = []
        while said < words and len(paragraph) < 4:
            sentence = _SENTENCES[number % len(_SENTENCES)]
            paragraph.append(sentence)
            said += len(sentence.split())
            number += 1
        paragraphs.append(" ".join(paragraph))
    return {"title": "Why Cats Purr", "description": "What the sound is and what it is for.", "paragraphs": paragraphs}


def scenes(count: int) -> dict[str, Any]:
    return {
        "title": "Why Cats Purr",
        "description": "What the sound is and what it is for.",
        "tags": ["cats", "purring", "animals", "cats"],
        "hooks": ["Your cat is talking to you.", "A purr is not always happy.", "Listen closely."],
        "scenes": [
            {"title": f"Part {n}", "caption": f"Part {n} of it", "picture": f"A grey cat on a red sofa, view {n}"}
            for n in range(1, count + 1)
        ],
    }
