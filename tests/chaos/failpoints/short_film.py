"""The product's own steps up to the pictures, and a package of these: every provider is asked, no film is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.pipeline.contracts import Blob, ImageSet, Package, PackagedFile
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.steps.alignment import AlignmentStep
from apps.pipeline.steps.base import Context, Inputs, Step
from apps.pipeline.steps.images import ImagesStep
from apps.pipeline.steps.script import ScriptStep
from apps.pipeline.steps.visual_plan import VisualPlanStep
from apps.pipeline.steps.voice import VoiceStep


class Picky:
    """A painter that refuses its first description."""

    def __init__(self, painter: Any) -> None:
        self._painter = painter
        self._refused = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._painter, name)

    def paint(self, request: Any) -> Any:
        if not self._refused:
            self._refused = True
            raise Rejected("picture_refused", "It refuses this.")
        return self._painter.paint(request)


class PickyImages(ImagesStep):
    """The product's step, whose painter has to be asked in softer words."""

    def make_part(self, request: Any, context: Context) -> Any:
        recorded: Any = context.provider
        recorded._provider = Picky(recorded._provider)
        return super().make_part(request, context)


@dataclass(frozen=True)
class Pictures:
    files: tuple[Blob, ...]


class Pack(Step):
    name = "package"
    status = "PACKAGING"
    reads = ("images", "alignment")
    result = Package
    request_type = Pictures
    per_job = True

    def request(self, inputs: Inputs) -> Pictures:
        images: ImageSet = inputs.contracts["images"]
        return Pictures(tuple(picture.image for picture in images.pictures))

    def make(self, request: Pictures, context: Context) -> Package:
        files = tuple(PackagedFile(f"{number}.png", "image", blob) for number, blob in enumerate(request.files))
        return Package(files=files, verdicts=(), duration_ms=1000)


class Bare(Step):
    """A package of one small file, for what ends with the words."""

    name = "package"
    status = "PACKAGING"
    reads = ("script",)
    result = Package
    request_type = Pictures
    per_job = True

    def request(self, inputs: Inputs) -> Pictures:
        return Pictures(())

    def make(self, request: Pictures, context: Context) -> Package:
        words = context.store.put_bytes(b"words", ".txt")
        return Package(files=(PackagedFile("words.txt", "script", words),), verdicts=(), duration_ms=1000)


WORDS: tuple[Step, ...] = (ScriptStep(), Bare())
STEPS: tuple[Step, ...] = (ScriptStep(), VoiceStep(), AlignmentStep(), VisualPlanStep(), PickyImages(), Pack())
PLAIN: tuple[Step, ...] = (ScriptStep(), VoiceStep(), AlignmentStep(), VisualPlanStep(), ImagesStep(), Pack())
