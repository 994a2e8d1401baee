"""The pictures step: one picture per scene, checked and brought to the video's exact shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from apps.pipeline.contracts import ImageSet, Picture, Shot, VisualPlan
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.painter.base import Painter, Painting, PaintRequest
from apps.pipeline.providers.painter.intake import checked_pixels, encoded_png, reframed
from apps.pipeline.steps.base import Context, Inputs, Step

_REFUSED = "picture_refused"
_HARSH_WORDS = """
abuse assault attack attacked bleeding blood bloody bomb bombing brutal corpse corpses cruel dead death die died
drug drugs dying execution explosion gore gun guns hate horror injured kill killed killer killing knife massacre
murder murdered naked nude poison rape shoot shooting shot slaughter suicide terror terrorist torture victim
victims violence violent weapon weapons wound wounded
"""


@dataclass(frozen=True)
class ImagesRequest:
    """The finished pictures, in scene order."""

    pictures: tuple[Picture, ...]


class ImagesStep(Step):
    """Paints scene by scene; a finished picture is stored at once and reused until its own shot changes."""

    name = "images"
    status = "IMAGE_GEN"
    reads = ("visual_plan",)
    capability = "painter"
    usual_seconds = 7.0
    result = ImageSet
    request_type = ImagesRequest
    part_result = Picture
    part_request_type = Shot

    def parts(self, inputs: Inputs) -> dict[str, object]:
        """Return one shot per scene."""
        plan: VisualPlan = inputs.contracts["visual_plan"]
        return {shot.scene_id: shot for shot in plan.shots}

    def make_part(self, request: Shot, context: Context) -> Picture:
        """Paint one scene.

        Raises Transient for a picture that arrives broken, oversized or blank, and Rejected when the painter refuses
        the description twice.
        """
        painter: Painter = context.provider
        context.progress(0.0)
        reference = context.store.fetch(request.reference) if request.reference is not None else None
        painting = _paint(painter, PaintRequest(request, reference))
        context.progress(0.7)
        checked = checked_pixels(painting.content, is_ours=not painter.is_remote)
        pixels, focus = reframed(checked, request.width, request.height, painting.focus)
        image = context.store.put_bytes(encoded_png(pixels), ".png")
        return Picture(
            scene_id=request.scene_id,
            image=image,
            width=request.width,
            height=request.height,
            focus=focus,
            alt=request.alt,
            prompt=painting.prompt,
            provider=painter.name,
        )

    def request(self, inputs: Inputs) -> ImagesRequest:
        plan: VisualPlan = inputs.contracts["visual_plan"]
        return ImagesRequest(tuple(inputs.parts[shot.scene_id] for shot in plan.shots))

    def make(self, request: ImagesRequest, context: Context) -> ImageSet:
        return ImageSet(request.pictures)


def soften(prompt: str) -> str:
    """Return the prompt without the words picture services refuse, asking for a symbolic scene instead."""
    kept = [word for word in prompt.split() if not _is_harsh(word)]
    gentle = " ".join(kept).strip(" ,.;:") or "a quiet landscape"
    return f"{gentle}, symbolic and peaceful, suitable for all ages"


def _paint(painter: Painter, request: PaintRequest) -> Painting:
    try:
        return painter.paint(request)
    except Rejected as refusal:
        if refusal.code != _REFUSED:
            raise
    try:
        return painter.paint(_softened(request))
    except Rejected as refusal:
        if refusal.code != _REFUSED:
            raise
        raise Rejected(_REFUSED, _sentence(refusal), f"{request.shot.scene_id}: {refusal}") from refusal


def _softened(request: PaintRequest) -> PaintRequest:
    return replace(request, shot=replace(request.shot, prompt=soften(request.shot.prompt)))


def _sentence(refusal: Rejected) -> str:
    advice = "Describe this picture otherwise; what is finished is not made twice."
    return f"The picture service refused the description: {refusal.sentence} {advice}"


def _is_harsh(word: str) -> bool:
    return re.sub(r"[^\w]|'s$", "", word.lower()) in _HARSH_WORDS.split()
