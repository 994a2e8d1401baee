"""The product's own script, voice, plan and pictures, but nothing is spoken or drawn: small files stand for both."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from apps.pipeline.contracts import (
    FPS,
    Blob,
    Focus,
    ImageSet,
    Narration,
    Package,
    PackagedFile,
    Picture,
    SceneAudio,
    Shot,
    VoiceTake,
)
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.steps.base import Context, Inputs, Step
from apps.pipeline.steps.images import ImagesStep
from apps.pipeline.steps.script import ScriptStep
from apps.pipeline.steps.visual_plan import VisualPlanStep
from apps.pipeline.steps.voice import JoinRequest, TakeRequest, VoiceStep
from tests.wire.paint import picture

_FRAMES = 6 * FPS


class Voice(VoiceStep):
    def make_part(self, request: TakeRequest, context: Context) -> VoiceTake:
        said = " ".join(token.spoken for token in request.tokens)
        if "UNSPEAKABLE" in said:
            raise Rejected("voice_refused", "The voice service refused to say these words.")
        return VoiceTake(request.scene_id, context.store.put_bytes(said.encode(), ".wav"), 1, None, "sketch")

    def make(self, request: JoinRequest, context: Context) -> Narration:
        scenes = tuple(
            SceneAudio(take.scene_id, take.audio, number * _FRAMES, _FRAMES, 0, 0, 1, None)
            for number, take in enumerate(request.takes)
        )
        blob = context.store.put_bytes(repr(request).encode(), ".wav")
        frames = len(scenes) * _FRAMES
        return Narration(scenes, blob, blob, frames, frames * 1000 // FPS, -16.0, -2.0)


class Pictures(ImagesStep):
    def make_part(self, request: Shot, context: Context) -> Picture:
        if "UNPAINTABLE" in request.prompt:
            sentence = "The picture service refused the description: It will not draw this."
            raise Rejected("picture_refused", f"{sentence} Describe this picture otherwise; what is finished is kept.")
        seed = zlib.crc32(request.prompt.encode()) ^ request.seed
        image = context.store.put_bytes(picture(request.width // 8, request.height // 8, seed), ".png")
        return Picture(
            request.scene_id, image, request.width, request.height, Focus(), request.alt, request.prompt, "sketch"
        )


@dataclass(frozen=True)
class PackRequest:
    pictures: tuple[Blob, ...]
    duration_ms: int


class Pack(Step):
    name = "package"
    status = "PACKAGING"
    reads = ("script", "voice", "images")
    result = Package
    request_type = PackRequest
    per_job = True

    def request(self, inputs: Inputs) -> PackRequest:
        images: ImageSet = inputs.contracts["images"]
        blobs = tuple(drawn.image for drawn in images.pictures)
        return PackRequest(blobs, inputs.contracts["voice"].duration_ms)

    def make(self, request: PackRequest, context: Context) -> Package:
        files = tuple(
            PackagedFile(f"images/scene_{number:03d}.png", "image", blob)
            for number, blob in enumerate(request.pictures, 1)
        )
        return Package(files=files, verdicts=(), duration_ms=request.duration_ms)


STEPS: tuple[Step, ...] = (ScriptStep(), Voice(), VisualPlanStep(), Pictures(), Pack())
