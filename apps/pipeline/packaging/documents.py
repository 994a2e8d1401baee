"""The package's own texts and JSON documents, as bytes. The same contracts give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from apps.pipeline.codec import to_json
from apps.pipeline.contracts import Scene, Script, Word


def document(content: object) -> bytes:
    """Return a contract, or plain lists and dicts, as indented UTF-8 JSON."""
    return msgspec.json.format(msgspec.json.encode(to_json(content)), indent=2) + b"\n"


def script_document(script: Script) -> bytes:
    """Return script.json: the contract's fields with the joins of its tokens beside them."""
    scenes = [
        {**to_json(scene), "display_text": scene.display_text, "spoken_text": scene.spoken_text}
        for scene in script.scenes
    ]
    return document({**to_json(script), "narration_text": script.narration_text, "scenes": scenes})


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


def _running_text(scene: Scene) -> str:
    return "".join(token.display + token.after for token in scene.tokens)
