"""The package's own texts and JSON documents, as bytes. The same contracts give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from apps.pipeline.codec import to_json
from apps.pipeline.contracts import Scene, Script, Shot, VisualPlan, Word
from apps.pipeline.text.alts import renamed


def document(content: object) -> bytes:
    """Return a contract, or plain lists and dicts, as indented UTF-8 JSON."""
    return msgspec.json.format(msgspec.json.encode(to_json(content)), indent=2) + b"\n"


def script_document(script: Script) -> bytes:
    """Return script.json: the contract's fields, scenes by what they are called, with the joins of their tokens."""
    scenes = [
        {**to_json(scene), "title": scene.called, "display_text": scene.display_text, "spoken_text": scene.spoken_text}
        for scene in script.scenes
    ]
    return document({**to_json(script), "narration_text": script.narration_text, "scenes": scenes})


def plan_document(plan: VisualPlan, script: Script) -> bytes:
    """Return scene_plan.json: the contract, each shot under what its scene is called now."""
    scenes = {scene.scene_id: scene for scene in script.scenes}
    shots = tuple(replace(shot, alt=_alt(shot, scenes[shot.scene_id])) for shot in plan.shots)
    return document(replace(plan, shots=shots))


def script_text(script: Script) -> bytes:
    """Return script.txt: the title, then the displayed words in their paragraphs."""
    paragraphs, current = [], ""
    for scene in script.scenes:
        current += _running_text(scene)
        if scene.ends_paragraph:
            paragraphs.append(current.strip())
            current = ""
    paragraphs.append(current.strip())
    return ("\n\n".join(part for part in [script.title, *paragraphs] if part) + "\n").encode()


def alignment_document(words: Sequence[Word]) -> bytes:
    """Return alignment.json: every displayed word with its start and end in seconds."""
    return document(
        {
            "words": [
                {
                    "text": word.text,
                    "start": round(word.start, 3),
                    "end": round(word.end, 3),
                    "confidence": round(word.confidence, 3),
                    "scene_id": word.scene_id,
                }
                for word in words
            ]
        }
    )


def _alt(shot: Shot, scene: Scene) -> str:
    return renamed(shot.alt, title=scene.title, heading=scene.heading)


def _running_text(scene: Scene) -> str:
    return "".join(token.display + token.after for token in scene.tokens)
