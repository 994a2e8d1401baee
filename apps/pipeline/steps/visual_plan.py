"""A script to what shall be painted: one style for the whole video, one shot per scene."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from random import Random

from apps.pipeline.contracts import SHAPE_SIZES, Blob, Focus, Niche, Shape, Shot, VisualPlan
from apps.pipeline.steps.base import Context, Inputs, Step
from apps.pipeline.steps.looks import HOUSE_LOOKS, NAMED_PALETTES
from apps.pipeline.text.alts import alt_of
from apps.pipeline.text.characters import printable

NEGATIVE_PROMPT = (
    "text, letters, words, numbers, captions, watermark, signature, logo, brand, frame, border, collage of panels, "
    "deformed hands, extra limbs, blur, low quality"
)
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_PALETTE_SIZE = 5
_STYLE_CHARACTERS = 200
_FOCUS_X = (0.36, 0.5, 0.64)
_FOCUS_Y = (0.4, 0.5, 0.58)


@dataclass(frozen=True)
class SceneSubject:
    """What the plan takes from a scene: not its words, so that an edit of the words leaves the picture's plan alone."""

    scene_id: str
    title: str
    image_prompt: str
    take: int = 0


@dataclass(frozen=True)
class VisualPlanRequest:
    scenes: tuple[SceneSubject, ...]
    niche: Niche
    shape: Shape
    seed: int
    visual_style: str
    palette: str
    reference: Blob | None = None


@dataclass(frozen=True)
class StyleBible:
    """What all shots share. Made from niche, seed and look alone, never from the scenes."""

    style: str
    mood: str
    palette: tuple[str, ...]


class VisualPlanStep(Step):
    name = "visual_plan"
    status = "VISUAL_PLAN"
    usual_seconds = 0.3
    takes_no_time = True
    reads = ("script",)
    uses = ("niche_preset", "shape", "seed", "look")
    result = VisualPlan
    request_type = VisualPlanRequest

    def request(self, inputs: Inputs) -> VisualPlanRequest:
        brief = inputs.brief
        return VisualPlanRequest(
            scenes=tuple(
                SceneSubject(scene.scene_id, scene.title, scene.image_prompt, scene.take)
                for scene in inputs.contracts["script"].scenes
            ),
            niche=brief["niche_preset"],
            shape=brief["shape"],
            seed=brief["seed"],
            visual_style=brief["look"].visual_style,
            palette=brief["look"].palette,
            reference=brief["look"].reference,
        )

    def make(self, request: VisualPlanRequest, context: Context) -> VisualPlan:
        bible = style_bible(request)
        return VisualPlan(style=bible.style, palette=bible.palette, shots=shots_of(request))


def style_bible(request: VisualPlanRequest) -> StyleBible:
    """Return the look of the whole video. The user's style and palette win over the niche's.

    A palette is named ("warm", "cool", "earth", "pastel", "vivid", "mono") or lists colours ("#aa0000, #00aa00"), which
    the niche's own fill up to five; anything else is the niche's.
    """
    house = HOUSE_LOOKS[request.niche]
    random = Random(f"look:{request.seed}")
    palette, mood = random.choice(house.palettes), random.choice(house.moods)
    asked = tuple(colour.lower() for colour in _HEX.findall(request.palette))
    if asked:
        palette = (*asked, *palette[len(asked) :])[:_PALETTE_SIZE]
    palette = NAMED_PALETTES.get(request.palette.strip().lower(), palette)
    wished = " ".join(printable(request.visual_style).split())[:_STYLE_CHARACTERS]
    return StyleBible(wished or house.style, mood, palette)


def shots_of(request: VisualPlanRequest) -> tuple[Shot, ...]:
    """Return what to paint, scene by scene, in the look of the whole video."""
    bible = style_bible(request)
    return tuple(_shot(scene, bible, request) for scene in request.scenes)


def _shot(scene: SceneSubject, bible: StyleBible, request: VisualPlanRequest) -> Shot:
    seed = _scene_seed(request.seed, scene)
    random = Random(seed)
    width, height = SHAPE_SIZES[request.shape]
    return Shot(
        scene_id=scene.scene_id,
        prompt=f"{scene.image_prompt}. Style: {bible.style}. Mood: {bible.mood}. No text in the picture.",
        negative_prompt=NEGATIVE_PROMPT,
        style=bible.style,
        palette=bible.palette,
        niche=request.niche,
        focus=Focus(random.choice(_FOCUS_X), random.choice(_FOCUS_Y)),
        seed=seed,
        width=width,
        height=height,
        alt=alt_of(scene.title, scene.image_prompt),
        reference=request.reference,
    )


def _scene_seed(seed: int, scene: SceneSubject) -> int:
    """Return a 31-bit seed that depends on this scene and take alone, so that a change elsewhere cannot move it.

    It is what makes another take another request, to painters that take no seed as well.
    """
    named = f"{seed}:{scene.scene_id}:{scene.take}" if scene.take else f"{seed}:{scene.scene_id}"
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:4], "big") >> 1
