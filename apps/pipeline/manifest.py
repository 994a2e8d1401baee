"""The table of contents of the product: the steps from prompt to package, in order. Read this first."""

from __future__ import annotations

from django.conf import settings

from apps.pipeline.steps.alignment import AlignmentStep
from apps.pipeline.steps.base import Step
from apps.pipeline.steps.images import ImagesStep
from apps.pipeline.steps.package import PackageStep
from apps.pipeline.steps.render import RenderStep
from apps.pipeline.steps.script import ScriptStep
from apps.pipeline.steps.timeline import TimelineStep
from apps.pipeline.steps.visual_plan import VisualPlanStep
from apps.pipeline.steps.voice import VoiceStep

STEPS: tuple[Step, ...] = (
    ScriptStep(),
    VoiceStep(),
    AlignmentStep(),
    VisualPlanStep(),
    ImagesStep(),
    TimelineStep(),
    RenderStep(cache_folder=settings.CACHE_DIR, chunk_seconds=settings.RENDER_CHUNK_SECONDS),
    PackageStep(),
)
