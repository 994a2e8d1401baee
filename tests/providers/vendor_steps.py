"""Short pipelines around one step that asks a vendor: what it needs before it, and a package after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from apps.pipeline.contracts import Blob, ImageSet, Narration, Package, PackagedFile, Script, VisualPlan, WordTimings
from apps.pipeline.steps.alignment import AlignmentStep
from apps.pipeline.steps.base import Context, Inputs, Retry, Step
from apps.pipeline.steps.images import ImagesStep
from apps.pipeline.steps.script import ScriptStep
from apps.pipeline.steps.voice import VoiceStep
from tests.engine import sketched_steps
from tests.pipeline.spoken import script_of
from tests.providers.painting import SHOT

SCENES = 3
WORDS = ("Cats purr for many reasons, and people like it.",)
SAID = ("Cats purr when they rest.", "Dogs bark at the moon at night.", "Owls hoot while nobody sleeps.")


@dataclass(frozen=True)
class Nothing:
    pass


@dataclass(frozen=True)
class Files:
    files: tuple[Blob, ...]


class FixedPlan(Step):
    name = "visual_plan"
    status = "VISUAL_PLAN"
    result = VisualPlan
    request_type = Nothing

    def request(self, inputs: Inputs) -> Nothing:
        return Nothing()

    def make(self, request: Nothing, context: Context) -> VisualPlan:
        small = replace(SHOT, width=320, height=180)
        shots = [replace(small, scene_id=f"scene_{number:03}", seed=number) for number in range(1, SCENES + 1)]
        return VisualPlan(SHOT.style, SHOT.palette, tuple(shots))


class FixedScript(FixedPlan):
    name = "script"
    status = "SCRIPTING"
    result = Script

    def make(self, request: Nothing, context: Context) -> Script:
        return script_of(WORDS)


class ThreeScenes(FixedScript):
    def make(self, request: Nothing, context: Context) -> Script:
        return script_of(SAID)


class Pack(Step):
    name = "package"
    status = "PACKAGING"
    result = Package
    request_type = Files
    per_job = True

    def make(self, request: Files, context: Context) -> Package:
        files = tuple(
            PackagedFile(f"{number}{blob.suffix}", "image", blob) for number, blob in enumerate(request.files)
        )
        return Package(files=files, verdicts=(), duration_ms=1_000)


class PackPictures(Pack):
    reads = ("images",)

    def request(self, inputs: Inputs) -> Files:
        images: ImageSet = inputs.contracts["images"]
        return Files(tuple(picture.image for picture in images.pictures))


class PackTimes(Pack):
    reads = ("alignment",)

    def request(self, inputs: Inputs) -> Files:
        timings: WordTimings = inputs.contracts["alignment"]
        return Files((timings.srt, timings.vtt))


class PackTakes(Pack):
    reads = ("voice",)

    def request(self, inputs: Inputs) -> Files:
        narration: Narration = inputs.contracts["voice"]
        return Files(tuple(scene.take for scene in narration.scenes))


@dataclass(frozen=True)
class Text:
    text: str


class PackWords(Pack):
    reads = ("script",)
    request_type = Text

    def request(self, inputs: Inputs) -> Text:
        script: Script = inputs.contracts["script"]
        return Text(script.narration_text)

    def make(self, request: Text, context: Context) -> Package:
        return super().make(Files((context.store.put_bytes(request.text.encode(), ".txt"),)), context)


class TakesAlone(VoiceStep):
    """Buys every take, and joins nothing: of that no vendor knows."""

    make = sketched_steps.Voice.make


class QuickImages(ImagesStep):
    retry = Retry(attempts=3, backoff_seconds=0.05)


class QuickAlignment(AlignmentStep):
    retry = Retry(attempts=3, backoff_seconds=0.05)


PICTURES = (FixedPlan(), QuickImages(), PackPictures())
SCRIPT = (ScriptStep(), PackWords())
TAKES = (ThreeScenes(), TakesAlone(), PackTakes())
TIMES = (FixedScript(), VoiceStep(), QuickAlignment(), PackTimes())
