"""Both vendors' painters before their wire servers, and the step that asks them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apps.pipeline.contracts import Focus, Picture, Shot
from apps.pipeline.providers.painter.gemini import GeminiPainter
from apps.pipeline.providers.painter.openai import OpenAIPainter
from apps.pipeline.providers.vendors.account import Account, Timeouts
from apps.pipeline.steps.images import ImagesStep
from tests.pipeline.folder_store import FolderContext, folder_context
from tests.wire import gemini_pictures, openai_pictures
from tests.wire.gemini_pictures import GeminiPictures
from tests.wire.openai_pictures import OpenAIPictures
from tests.wire.server import Fault, WireServer, answer, as_json

VENDORS = ("gemini", "openai")
PATIENT = Timeouts(connect=2, read=2, total=4)
QUICK = Timeouts(connect=1, read=0.5, total=1)
"""For calls that never come to anything: on a busy machine half a second is too little for others."""
SHOT = Shot(
    scene_id="scene_003",
    prompt="A bloody battle at dawn. Style: oil on canvas. Mood: grave. No text in the picture.",
    negative_prompt="text, watermark",
    style="oil on canvas",
    palette=("#112233", "#445566"),
    niche="history",
    focus=Focus(0.64, 0.5),
    seed=1,
    width=1920,
    height=1080,
    alt="A battle",
)


@dataclass(frozen=True)
class Studio:
    """A painter, its server and a context of the pictures step."""

    vendor: str
    server: WireServer
    painter: Any
    context: FolderContext

    def make(self, shot: Shot = SHOT) -> Picture:
        return ImagesStep().make_part(shot, self.context)

    def kept(self, picture: Picture) -> Path:
        return self.context.store.fetch(picture.image)


@contextmanager
def studio(vendor: str, folder: Path, *, key: str = "", timeouts: Timeouts = PATIENT) -> Iterator[Studio]:
    server = GeminiPictures() if vendor == "gemini" else OpenAIPictures()
    try:
        context = folder_context(folder)
        context.provider = painter_at(vendor, server.url, key=key, timeouts=timeouts)
        yield Studio(vendor, server, context.provider, context)
    finally:
        server.close()


def painter_at(vendor: str, url: str, *, key: str = "", timeouts: Timeouts = PATIENT) -> GeminiPainter | OpenAIPainter:
    if vendor == "gemini":
        models = {"picture": "gemini-2.5-flash-image"}
        return GeminiPainter(Account("gemini", key or gemini_pictures.KEY, f"{url}/", models, timeouts))
    models = {"picture": "gpt-image-1-mini"}
    return OpenAIPainter(Account("openai", key or openai_pictures.KEY, f"{url}/v1", models, timeouts))


def sends(vendor: str, content: bytes) -> Fault:
    """An answer in the vendor's form with other bytes in the picture's place."""
    make = gemini_pictures.picture_answer if vendor == "gemini" else openai_pictures.image_answer
    return answer(as_json(make(content)).body)


def refuses(vendor: str) -> Fault:
    if vendor == "gemini":
        return answer(as_json(gemini_pictures.blocked_answer()).body)
    words = {
        "message": "Your request was rejected",
        "type": "image_generation_user_error",
        "code": "moderation_blocked",
    }
    return answer(as_json({"error": {**words, "param": None}}).body, code=400)


def links(vendor: str, url: str) -> Fault:
    """An answer with an address in the picture's place."""
    if vendor == "gemini":
        part = {"fileData": {"mimeType": "image/png", "fileUri": url}}
        return answer(as_json(gemini_pictures.parts_answer(part)).body)
    return answer(as_json({"created": 1, "data": [{"url": url}]}).body)


def with_reference(context: FolderContext, content: bytes) -> Shot:
    return replace(SHOT, reference=context.store.put_bytes(content, ".png"))


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
